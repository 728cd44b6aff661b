/* SPDX-License-Identifier: Apache-2.0 */
/* What holds between images: names, platforms, and the order in which they can be worked on
 * (werf-config.md A.9, A.10). */
#include "werf/convert.h"

/* --- platforms --- */

struct platforms {
    const struct slip_str *at;
    size_t len;
};

/* Those written in the document, else the machine's. `build.platform` does not count here. */
static struct platforms platforms_of(const struct slip_convert *c, const struct slip_draft *d)
{
    const struct slip_raw_list *list =
        d->dockerfile ? &d->dockerfile->platform : &d->stapel->platform;
    return list->len ? (struct platforms){ list->at, list->len }
                     : (struct platforms){ &c->o->platform, 1 };
}

static bool has_platform(const struct slip_convert *c, size_t image, struct slip_str platform)
{
    if (image == SLIP_NPOS)
        return false;
    struct platforms p = platforms_of(c, &c->drafts.at[image]);
    for (size_t i = 0; i < p.len; i++)
        if (slip_str_eq(p.at[i], platform))
            return true;
    return false;
}

/* Whoever names an image that is not there has mostly misspelled it. */
static int hint_at_names(struct slip_convert *c, struct slip_str name)
{
    const char **names = slip_arena_array(c->d.arena, c->drafts.len, sizeof(*names));
    for (size_t i = 0; i < c->drafts.len; i++)
        names[i] = slip_arena_strdup(c->d.arena, c->drafts.at[i].name);
    const char *near = slip_str_closest(name, names, c->drafts.len);
    return near ? slip_hint(c->d.err, "no image is called '%.*s': did you mean '%s'?",
                            SLIP_ARG(name), near)
                : slip_hint(c->d.err, "no image is called '%.*s'", SLIP_ARG(name));
}

static int need_platforms(struct slip_convert *c, const struct slip_draft *d, const char *what,
                          const struct slip_value *where, struct slip_str other)
{
    struct platforms p = platforms_of(c, d);
    size_t needed = slip_convert_find(c, other);
    for (size_t i = 0; i < p.len && other.len; i++) { /* that a name is missing is told later */
        if (has_platform(c, needed, p.at[i]))
            continue;
        slip_decode_fail(&c->d, where,
                         "image=\"%.*s\" platform=\"%.*s\" requires %s image=\"%.*s\" "
                         "platform=\"%.*s\" which is not present in configuration",
                         SLIP_ARG(d->name), SLIP_ARG(p.at[i]), what, SLIP_ARG(other),
                         SLIP_ARG(p.at[i]));
        return needed == SLIP_NPOS ? hint_at_names(c, other) : -1;
    }
    return 0;
}

static int check_imports(struct slip_convert *c, const struct slip_draft *d)
{
    const struct slip_raw_import *at = d->stapel->imports.at;
    for (size_t i = 0; i < d->stapel->imports.len; i++) {
        struct slip_str name = at[i].image.len ? at[i].image : at[i].from;
        if (name.len && !slip_convert_is_external(name)
            && need_platforms(c, d, "import", at[i].where, name) < 0)
            return -1;
    }
    return 0;
}

static int check_draft(struct slip_convert *c, const struct slip_draft *d)
{
    const struct slip_raw_list *list =
        d->dockerfile ? &d->dockerfile->dependencies : &d->stapel->dependencies;
    const struct slip_raw_dependency *at = list->at;
    for (size_t i = 0; i < list->len; i++)
        if (need_platforms(c, d, "dependency", at[i].where, slip_raw_dependency_image(&at[i])) < 0)
            return -1;
    return d->stapel ? check_imports(c, d) : 0;
}

int slip_convert_check_platforms(struct slip_convert *c)
{
    for (size_t i = 0; i < c->drafts.len; i++)
        if (check_draft(c, &c->drafts.at[i]) < 0)
            return -1;
    return 0;
}

/* --- names --- */

static bool is_final(const struct slip_draft *d)
{
    if (d->artifact)
        return false;
    return (d->dockerfile ? d->dockerfile->final : d->stapel->final) != SLIP_NO;
}

static int check_nameless(struct slip_convert *c)
{
    size_t final = 0, nameless = SLIP_NPOS;
    for (size_t i = 0; i < c->drafts.len; i++) {
        final += is_final(&c->drafts.at[i]);
        if (c->drafts.at[i].name.len == 0)
            nameless = i;
    }
    if (nameless == SLIP_NPOS || final < 2)
        return 0;
    return slip_decode_fail(&c->d, c->drafts.at[nameless].where,
                            "conflict between images names: a nameless image cannot be specified "
                            "in the config with multiple images!");
}

static int fail_twice(struct slip_convert *c, const struct slip_draft *d)
{
    const struct slip_draft *first = slip_map_get(c->by_name, d->name);
    slip_decode_fail(&c->d, d->where, "conflict between images names! '%.*s' is defined twice",
                     SLIP_ARG(d->name));
    return first->where == d->where
               ? slip_hint(c->d.err, "the name stands twice in the list of this document")
               : slip_hint(c->d.err, "the first one is in %s:%u: give one of them another name",
                           c->d.name, first->where->line);
}

int slip_convert_check_names(struct slip_convert *c)
{
    for (size_t i = 0; i < c->drafts.len; i++) {
        const struct slip_draft *d = &c->drafts.at[i];
        if (slip_map_get(c->by_name, d->name) != d)
            return fail_twice(c, d);
    }
    return check_nameless(c);
}

/* --- order --- */

struct order {
    struct slip_convert *c;
    struct slip_image *images;
    enum { NEW, OPEN, DONE } * state;
    size_t *path, path_len; /* images that are being looked at, each needing the next */
    size_t *place;          /* of each image in the set */
    size_t n;
};

static void add_need(struct slip_image *image, size_t need)
{
    for (size_t i = 0; i < image->n_needs; i++)
        if (image->needs[i] == need)
            return;
    image->needs[image->n_needs++] = need;
}

static void collect_needs(struct slip_convert *c, struct slip_image *image)
{
    size_t imports = image->stapel ? image->stapel->n_imports : 0;
    image->needs = slip_arena_array(&c->set->arena, image->n_dependencies + imports + 1,
                                    sizeof(*image->needs));
    if (image->stapel && image->stapel->base != SLIP_NPOS)
        add_need(image, image->stapel->base);
    for (size_t i = 0; i < imports; i++)
        if (image->stapel->imports[i].image != SLIP_NPOS)
            add_need(image, image->stapel->imports[i].image);
    for (size_t i = 0; i < image->n_dependencies; i++)
        add_need(image, image->dependencies[i].image);
}

static int fail_circle(struct order *o, size_t again)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1024);
    size_t i = o->path_len;
    while (o->path[i - 1] != again)
        i--;
    for (; i <= o->path_len; i++)
        slip_buf_add_fmt(&text, "%.*s -> ", SLIP_ARG(o->images[o->path[i - 1]].name));
    slip_decode_fail(&o->c->d, o->c->drafts.at[again].where, "infinite loop detected: %s%.*s",
                     text.ptr, SLIP_ARG(o->images[again].name));
    return slip_hint(o->c->d.err, "each of these needs the next one: one has to do without");
}

/* Depth is the number of images at most, which is limited. */
static int visit(struct order *o, size_t i)
{
    if (o->state[i] == DONE)
        return 0;
    if (o->state[i] == OPEN)
        return fail_circle(o, i);
    o->state[i] = OPEN;
    o->path[o->path_len++] = i;
    for (size_t k = 0; k < o->images[i].n_needs; k++)
        if (visit(o, o->images[i].needs[k]) < 0)
            return -1;
    o->path_len--;
    o->state[i] = DONE;
    o->place[i] = o->n++;
    return 0;
}

static void renumber(const struct order *o, struct slip_image *image)
{
    for (size_t i = 0; i < image->n_needs; i++)
        image->needs[i] = o->place[image->needs[i]];
    for (size_t i = 0; i < image->n_dependencies; i++)
        image->dependencies[i].image = o->place[image->dependencies[i].image];
    if (!image->stapel)
        return;
    if (image->stapel->base != SLIP_NPOS)
        image->stapel->base = o->place[image->stapel->base];
    for (size_t i = 0; i < image->stapel->n_imports; i++)
        if (image->stapel->imports[i].image != SLIP_NPOS)
            image->stapel->imports[i].image = o->place[image->stapel->imports[i].image];
}

static int find_order(struct order *o)
{
    for (size_t i = 0; i < o->c->drafts.len; i++)
        if (visit(o, i) < 0)
            return -1;
    return 0;
}

int slip_convert_order(struct slip_convert *c, struct slip_image *images)
{
    size_t len = c->drafts.len;
    struct order o = { .c = c, .images = images };
    o.state = slip_arena_array(c->d.arena, len, sizeof(*o.state));
    o.path = slip_arena_array(c->d.arena, len, sizeof(*o.path));
    o.place = slip_arena_array(c->d.arena, len, sizeof(*o.place));
    for (size_t i = 0; i < len; i++)
        collect_needs(c, &images[i]);
    if (find_order(&o) < 0)
        return -1;
    c->set->at = slip_arena_array(&c->set->arena, len, sizeof(*c->set->at));
    c->set->len = len;
    for (size_t i = 0; i < len; i++) {
        renumber(&o, &images[i]);
        c->set->at[o.place[i]] = images[i];
    }
    return 0;
}
