/* SPDX-License-Identifier: Apache-2.0 */
/* Trees of files, as the vectors describe them. */
#include "golden/trees.h"
#include "golden/golden.h"

#include <stdlib.h>

struct slip_str golden_fill_in(struct slip_str text, struct slip_buf *out)
{
    static const char mark[] = "{REGISTRY}";
    size_t at;
    while ((at = slip_str_find_str(text, slip_str_of(mark))) != SLIP_NPOS) {
        slip_buf_add_str(out, slip_str_first(text, at));
        slip_buf_add_c(out, GOLDEN_REGISTRY);
        text = slip_str_skip(text, at + strlen(mark));
    }
    slip_buf_add_str(out, text);
    return slip_buf_str(out);
}

void golden_add_content(json_t *file, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1u << 24);
    json_int_t n = json_integer_value(json_object_get(file, "repeat"));
    struct slip_str part = golden_text(file, "text"), target = golden_text(file, "target");
    for (json_int_t i = 0; i < (n ? n : 1); i++)
        slip_buf_add_str(&text, part);
    slip_buf_add_str(&text, golden_text(file, "tail"));
    slip_buf_add_str(&text, golden_base64(json_object_get(file, "base64")));
    golden_fill_in(target.ptr ? target : slip_buf_str(&text), out);
}

static void add_file(struct mem_tree *tree, json_t *file)
{
    SLIP_AUTO(slip_buf) content = SLIP_BUF(1u << 24);
    golden_add_content(file, &content);
    mem_tree_add(tree, golden_text(file, "path"),
                 (unsigned)strtoul(golden_text(file, "mode").ptr, NULL, 8), slip_buf_str(&content));
}

void golden_add_tree(struct mem_tree *to, json_t *files)
{
    size_t i;
    json_t *file;
    json_array_foreach(files, i, file) add_file(to, file);
}
