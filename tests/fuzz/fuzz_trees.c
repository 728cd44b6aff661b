/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in repositories: the content of a tree object, and of .gitmodules. */
#include "fuzz.h"

#include "repo/gitmodules.h"
#include "support/mem_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slip_str text = slip_str_make((const char *)data, size);
    SLIP_AUTO(slip_entries) entries = SLIP_ENTRIES;
    struct slip_error err = { 0 }, err2 = { 0 };
    if (slip_entries_parse(text, &entries, &err) < 0)
        slip_error_clear(&err);

    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    mem_tree_add(m, SLIP_STR(".gitmodules"), SLIP_MODE_FILE, text);
    struct slip_tree t = mem_tree_view(m);
    SLIP_AUTO(slip_buf) name = SLIP_BUF(SLIP_LIMIT_PATH);
    bool found;
    if (slip_gitmodules_name(&t, SLIP_STR("lib/a"), &name, &found, &err2) < 0)
        slip_error_clear(&err2);
    return 0;
}
