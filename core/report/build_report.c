/* SPDX-License-Identifier: Apache-2.0 */
/* The build report of werf. */
#include "report/build_report.h"

#include "base/path.h"
#include "value/json.h"

#include <inttypes.h>

void slip_build_report_clear(struct slip_build_report *r)
{
    slip_vec_clear(&r->images);
    slip_arena_clear(&r->arena);
    *r = (struct slip_build_report){ 0 };
}

const struct slip_build_image *slip_build_report_find(const struct slip_build_report *r,
                                                      const char *name)
{
    for (size_t i = 0; i < r->images.len; i++)
        if (strcmp(r->images.at[i].name, name) == 0)
            return &r->images.at[i];
    return NULL;
}

/* --- paths --- */

/* With its dot, or empty; the dot of a name like ".env" counts, as for Go. */
static struct slip_str extension_of(struct slip_str path)
{
    struct slip_str base = slip_path_base(path);
    size_t dot = slip_str_rfind(base, '.');
    return dot == SLIP_NPOS ? SLIP_STR("") : slip_str_skip(base, dot);
}

enum slip_build_report_form slip_build_report_form_of(struct slip_str path)
{
    return slip_str_is(extension_of(path), ".env") ? SLIP_BUILD_REPORT_ENV : SLIP_BUILD_REPORT_JSON;
}

int slip_build_report_path(struct slip_str path, struct slip_buf *out,
                           enum slip_build_report_form *form, struct slip_error *err)
{
    struct slip_str extension = extension_of(path);
    if (extension.len && !slip_str_is(extension, ".json") && !slip_str_is(extension, ".env"))
        return slip_fail(err, SLIP_E_USAGE,
                         "build report '%.*s': the extension must be '.json' or '.env'",
                         SLIP_ARG(path));
    slip_buf_add_str(out, path.len ? path : SLIP_STR(".werf-build-report"));
    if (!extension.len)
        slip_buf_add_c(out, ".json");
    *form = slip_build_report_form_of(path);
    return 0;
}

/* --- tables --- */

enum kind { TEXT, NUMBER, FLAG };

struct field {
    const char *name;
    enum kind kind;
    size_t offset;
    bool needed;
};

/* clang-format off */
#define IMAGE(n, k, m, needed) { n, k, offsetof(struct slip_build_image, m), needed }
static const struct field image_fields[] = {
    IMAGE("WerfImageName",     TEXT,   name,        true),
    IMAGE("ConfigType",        TEXT,   config_type, false),
    IMAGE("DockerRepo",        TEXT,   repo,        true),
    IMAGE("DockerTag",         TEXT,   tag,         true),
    IMAGE("DockerImageID",     TEXT,   image_id,    true),
    IMAGE("DockerImageDigest", TEXT,   digest,      false),
    IMAGE("DockerImageName",   TEXT,   image_name,  true),
    IMAGE("TargetPlatform",    TEXT,   platform,    false),
    IMAGE("Rebuilt",           FLAG,   rebuilt,     false),
    IMAGE("Final",             FLAG,   final,       false),
    IMAGE("Size",              NUMBER, size,        false),
    IMAGE("BuildTime",         TEXT,   build_time,  false),
    IMAGE("Commit",            TEXT,   commit,      false),
};

#define STAGE(n, k, m, needed) { n, k, offsetof(struct slip_build_stage, m), needed }
static const struct field stage_fields[] = {
    STAGE("Name",              TEXT,   name,        true),
    STAGE("DockerImageName",   TEXT,   image_name,  true),
    STAGE("DockerTag",         TEXT,   tag,         false),
    STAGE("DockerImageID",     TEXT,   image_id,    true),
    STAGE("DockerImageDigest", TEXT,   digest,      false),
    STAGE("CreatedAt",         NUMBER, created_ns,  false),
    STAGE("Size",              NUMBER, size,        false),
    STAGE("SourceType",        TEXT,   source_type, false),
    STAGE("BaseImagePulled",   FLAG,   base_pulled, false),
    STAGE("Rebuilt",           FLAG,   rebuilt,     false),
    STAGE("BuildTime",         TEXT,   build_time,  false),
    STAGE("Commit",            TEXT,   commit,      false),
};

/* The variables of the other form. */
static const struct field variables[] = {
    IMAGE("DOCKER_IMAGE_NAME",   TEXT, image_name, true),
    IMAGE("DOCKER_IMAGE_ID",     TEXT, image_id,   true),
    IMAGE("DOCKER_IMAGE_DIGEST", TEXT, digest,     false),
    IMAGE("DOCKER_REPO",         TEXT, repo,       true),
    IMAGE("DOCKER_TAG",          TEXT, tag,        true),
    IMAGE("WERF_IMAGE_NAME",     TEXT, name,       true),
    IMAGE("FINAL",               FLAG, final,      false),
};
/* clang-format on */

static const char **text_at(const void *record, const struct field *f)
{
    return (const char **)((char *)(uintptr_t)record + f->offset);
}

static int64_t *number_at(const void *record, const struct field *f)
{
    return (int64_t *)((char *)(uintptr_t)record + f->offset);
}

static bool *flag_at(const void *record, const struct field *f)
{
    return (bool *)((char *)(uintptr_t)record + f->offset);
}

/* --- reading --- */

static int fail_type(const struct field *f, const struct slip_value *v, struct slip_error *err)
{
    static const char *const wants[] = { "a string", "an integer", "true or false" };
    return slip_fail(err, SLIP_E_CONFIG, "'%s' is a %s instead of %s", f->name,
                     slip_value_type_name(v), wants[f->kind]);
}

static int read_field(struct slip_arena *a, const struct field *f, const struct slip_value *v,
                      void *record, struct slip_error *err)
{
    static const enum slip_value_type types[] = { SLIP_VALUE_STRING, SLIP_VALUE_INT,
                                                  SLIP_VALUE_BOOL };
    if (f->kind == TEXT)
        *text_at(record, f) = "";
    if (v && v->type != SLIP_VALUE_NULL) {
        if (v->type != types[f->kind])
            return fail_type(f, v, err);
        if (f->kind == TEXT)
            *text_at(record, f) = slip_arena_strdup(a, v->text);
        else if (f->kind == NUMBER)
            *number_at(record, f) = v->i;
        else
            *flag_at(record, f) = v->boolean;
    }
    if (f->needed && !(*text_at(record, f))[0])
        return slip_fail(err, SLIP_E_CONFIG, "'%s' is missing or empty", f->name);
    return 0;
}

static int read_record(struct slip_arena *a, const struct field *fields, size_t n,
                       const struct slip_value *v, void *record, struct slip_error *err)
{
    if (v->type != SLIP_VALUE_MAP)
        return slip_fail(err, SLIP_E_CONFIG, "a %s stands where a record belongs",
                         slip_value_type_name(v));
    for (size_t i = 0; i < n; i++)
        if (read_field(a, &fields[i], slip_value_get(v, fields[i].name), record, err) < 0)
            return -1;
    return 0;
}

static int read_stages(struct slip_arena *a, const struct slip_value *list,
                       struct slip_build_image *image, struct slip_error *err)
{
    if (!list || list->type == SLIP_VALUE_NULL)
        return 0;
    if (list->type != SLIP_VALUE_LIST)
        return slip_fail(err, SLIP_E_CONFIG, "'Stages' is a %s", slip_value_type_name(list));
    struct slip_build_stage *stages = slip_arena_array(a, list->len, sizeof(*stages));
    for (size_t i = 0; i < list->len; i++)
        if (read_record(a, stage_fields, SLIP_COUNT(stage_fields), list->items[i], &stages[i], err)
            < 0)
            return slip_while(err, "stage %zu", i + 1);
    image->stages = stages;
    image->n_stages = list->len;
    return 0;
}

static int read_image(struct slip_arena *a, const struct slip_pair *pair,
                      struct slip_build_image *image, struct slip_error *err)
{
    if (read_record(a, image_fields, SLIP_COUNT(image_fields), pair->value, image, err) < 0
        || read_stages(a, slip_value_get(pair->value, "Stages"), image, err) < 0)
        return slip_while(err, "image '%.*s'", SLIP_ARG(pair->key->text));
    return 0;
}

/* The key is the name that images are asked for by. */
static int read_images(const struct slip_value *map, struct slip_build_report *out,
                       struct slip_error *err)
{
    for (size_t i = 0; map && map->type == SLIP_VALUE_MAP && i < map->len; i++) {
        struct slip_build_image image = { 0 };
        if (read_image(&out->arena, &map->pairs[i], &image, err) < 0)
            return -1;
        image.name = slip_arena_strdup(&out->arena, map->pairs[i].key->text);
        slip_vec_push(&out->images, image);
    }
    return 0;
}

/* werf refuses a report for what is wrong in these, too. */
static int check_platforms(const struct slip_value *images, struct slip_arena *a,
                           struct slip_error *err)
{
    for (size_t i = 0; images && images->type == SLIP_VALUE_MAP && i < images->len; i++) {
        const struct slip_value *platforms = images->pairs[i].value;
        for (size_t k = 0; platforms->type == SLIP_VALUE_MAP && k < platforms->len; k++) {
            struct slip_build_image image = { 0 };
            if (read_image(a, &platforms->pairs[k], &image, err) < 0)
                return -1;
        }
    }
    return 0;
}

static int read_json(struct slip_str text, struct slip_build_report *out, struct slip_error *err)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    if (slip_json_read(text, NULL, 0, &doc, err) < 0)
        return -1;
    const struct slip_value *runtime = slip_value_get(doc.root, "Runtime");
    const struct slip_value *in_container = slip_value_get(runtime, "InContainer");
    out->backend = slip_arena_strdup(&out->arena, slip_value_text(runtime, "Backend"));
    out->in_container =
        in_container && in_container->type == SLIP_VALUE_BOOL && in_container->boolean;
    if (read_images(slip_value_get(doc.root, "Images"), out, err) < 0)
        return -1;
    return check_platforms(slip_value_get(doc.root, "ImagesByPlatform"), &out->arena, err);
}

/* "WERF_APP_DOCKER_TAG" is "WERF_APP_" and the variable; false: none of ours. */
static bool split_variable(struct slip_str key, struct slip_str *prefix, const struct field **f)
{
    for (size_t i = 0; i < SLIP_COUNT(variables); i++) {
        struct slip_str name = slip_str_of(variables[i].name);
        if (!slip_str_ends(key, name) || !slip_str_starts(key, SLIP_STR("WERF_")))
            continue;
        *prefix = slip_str_first(key, key.len - name.len);
        *f = &variables[i];
        return prefix->len > 0;
    }
    return false;
}

/* An image on its way; lines of one image stand in any order. */
struct gathered {
    struct slip_str prefix;
    struct slip_build_image image;
};

struct all_gathered {
    SLIP_VEC(struct gathered);
};

static void all_gathered_clear(struct all_gathered *g)
{
    slip_vec_clear(g);
}
SLIP_DEFINE_AUTO(all_gathered, all_gathered_clear);

static struct slip_build_image *gather(struct all_gathered *all, struct slip_str prefix)
{
    for (size_t i = all->len; i > 0; i--)
        if (slip_str_eq(all->at[i - 1].prefix, prefix))
            return &all->at[i - 1].image;
    struct gathered g = { .prefix = prefix,
                          .image = {
                              .config_type = "", .platform = "", .build_time = "", .commit = "" } };
    slip_vec_push(all, g);
    return &all->at[all->len - 1].image;
}

static int check_gathered(const struct gathered *g, struct slip_error *err)
{
    for (size_t i = 0; i < SLIP_COUNT(variables); i++)
        if (variables[i].needed
            && (!*text_at(&g->image, &variables[i]) || !(*text_at(&g->image, &variables[i]))[0]))
            return slip_fail(err, SLIP_E_CONFIG, "'%.*s%s' is missing or empty",
                             SLIP_ARG(g->prefix), variables[i].name);
    return 0;
}

static int read_env(struct slip_str text, struct slip_build_report *out, struct slip_error *err)
{
    SLIP_AUTO(all_gathered) all = { 0 };
    struct slip_str line, key, value, prefix;
    const struct field *f;
    while (slip_str_line(&text, &line)) {
        if (!slip_str_cut(slip_str_trim(line), '=', &key, &value)
            || !split_variable(key, &prefix, &f))
            continue;
        struct slip_build_image *image = gather(&all, prefix);
        if (f->kind == FLAG)
            *flag_at(image, f) = slip_str_is(value, "true");
        else
            *text_at(image, f) = slip_arena_strdup(&out->arena, value);
    }
    for (size_t i = 0; i < all.len; i++) {
        if (check_gathered(&all.at[i], err) < 0)
            return -1;
        if (!all.at[i].image.digest)
            all.at[i].image.digest = "";
        slip_vec_push(&out->images, all.at[i].image);
    }
    return 0;
}

int slip_build_report_read(struct slip_str text, enum slip_build_report_form form,
                           struct slip_build_report *out, struct slip_error *err)
{
    SLIP_AUTO(slip_build_report) r = { .backend = "" };
    if ((form == SLIP_BUILD_REPORT_ENV ? read_env(text, &r, err) : read_json(text, &r, err)) < 0)
        return slip_while(err, "build report");
    if (r.images.len == 0)
        return slip_fail(err, SLIP_E_CONFIG, "build report: no images in it");
    slip_build_report_clear(out);
    *out = r;
    r = (struct slip_build_report){ 0 };
    return 0;
}

/* --- writing --- */

static void add_string(struct slip_buf *out, const char *text)
{
    slip_json_add_string(out, slip_str_of(text), SLIP_JSON_HTML);
}

static void begin_line(struct slip_buf *out, int depth, bool *first)
{
    slip_buf_add_c(out, *first ? "\n" : ",\n");
    *first = false;
    for (int i = 0; i < depth; i++)
        slip_buf_add_char(out, '\t');
}

static void add_key(struct slip_buf *out, int depth, bool *first, const char *key)
{
    begin_line(out, depth, first);
    add_string(out, key);
    slip_buf_add_c(out, ": ");
}

/* The end of a list or object: on a line of its own when it holds something. */
static void add_close(struct slip_buf *out, int depth, bool empty, char c)
{
    bool first = true;
    if (!empty)
        begin_line(out, depth, &first);
    slip_buf_add_char(out, c);
}

static void print_fields(const struct field *fields, size_t n, const void *record, int depth,
                         bool *first, struct slip_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct field *f = &fields[i];
        add_key(out, depth, first, f->name);
        if (f->kind == TEXT)
            add_string(out, *text_at(record, f));
        else if (f->kind == NUMBER)
            slip_buf_add_fmt(out, "%" PRId64, *number_at(record, f));
        else
            slip_buf_add_c(out, *flag_at(record, f) ? "true" : "false");
    }
}

static void print_image(const struct slip_build_image *image, int depth, struct slip_buf *out)
{
    bool first = true, first_stage = true;
    slip_buf_add_char(out, '{');
    print_fields(image_fields, SLIP_COUNT(image_fields), image, depth + 1, &first, out);
    add_key(out, depth + 1, &first, "Stages");
    slip_buf_add_c(out, image->n_stages ? "[" : "null");
    for (size_t i = 0; i < image->n_stages; i++) {
        bool first_field = true;
        begin_line(out, depth + 2, &first_stage);
        slip_buf_add_char(out, '{');
        print_fields(stage_fields, SLIP_COUNT(stage_fields), &image->stages[i], depth + 3,
                     &first_field, out);
        add_close(out, depth + 2, false, '}');
    }
    if (image->n_stages)
        add_close(out, depth + 1, false, ']');
    add_close(out, depth, false, '}');
}

static void print_json(const struct slip_build_report *r, const struct slip_build_image **images,
                       struct slip_buf *out)
{
    bool first = true, first_of_runtime = true, first_image = true;
    slip_buf_add_char(out, '{');
    add_key(out, 1, &first, "Runtime");
    slip_buf_add_char(out, '{');
    add_key(out, 2, &first_of_runtime, "Backend");
    add_string(out, r->backend);
    add_key(out, 2, &first_of_runtime, "InContainer");
    slip_buf_add_c(out, r->in_container ? "true" : "false");
    add_close(out, 1, false, '}');
    add_key(out, 1, &first, "Images");
    slip_buf_add_char(out, '{');
    for (size_t i = 0; i < r->images.len; i++) {
        add_key(out, 2, &first_image, images[i]->name);
        print_image(images[i], 2, out);
    }
    add_close(out, 1, r->images.len == 0, '}');
    add_key(out, 1, &first, "ImagesByPlatform");
    slip_buf_add_c(out, "{}");
    add_close(out, 0, false, '}');
    slip_buf_add_char(out, '\n');
}

static void print_env(const struct slip_build_image *image, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) prefix = SLIP_BUF(out->limit);
    slip_buf_add_c(&prefix, "WERF_");
    for (const char *c = image->name; c && *c; c++) {
        bool lower = *c >= 'a' && *c <= 'z';
        slip_buf_add_char(&prefix, strchr("/-.", *c) ? '_' : lower ? (char)(*c - 'a' + 'A') : *c);
    }
    if (image->name && image->name[0])
        slip_buf_add_char(&prefix, '_');
    for (size_t i = 0; i < SLIP_COUNT(variables); i++) {
        const struct field *f = &variables[i];
        const char *text =
            f->kind == FLAG ? (*flag_at(image, f) ? "true" : "false") : *text_at(image, f);
        slip_buf_add_fmt(out, "%s%s=%s\n", prefix.ptr, f->name, text ? text : "");
    }
}

static int by_name(const void *a, const void *b)
{
    const struct slip_build_image *const *x = a, *const *y = b;
    return strcmp((*x)->name ? (*x)->name : "", (*y)->name ? (*y)->name : "");
}

void slip_build_report_print(const struct slip_build_report *r, enum slip_build_report_form form,
                             struct slip_buf *out)
{
    SLIP_AUTO_FREE const struct slip_build_image **images =
        slip_alloc_array(r->images.len + 1, sizeof(struct slip_build_image *));
    for (size_t i = 0; i < r->images.len; i++)
        images[i] = &r->images.at[i];
    qsort(images, r->images.len, sizeof(struct slip_build_image *), by_name);
    if (form == SLIP_BUILD_REPORT_JSON) {
        print_json(r, images, out);
        return;
    }
    for (size_t i = 0; i < r->images.len; i++)
        print_env(images[i], out);
}
