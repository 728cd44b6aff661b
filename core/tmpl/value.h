/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a template computes with: a value that knows its Go type, because types decide which
 * function accepts it, how it compares and what error texts say.
 *
 * Values are small and copied. Texts, lists and maps live in the arena of the rendering. Lists
 * never change once made; maps are references, a change is seen through every copy of the value.
 */
#ifndef SLIP_TMPL_VALUE_H
#define SLIP_TMPL_VALUE_H

#include "base/arena.h"
#include "base/buf.h"

enum slip_tv_type {
    SLIP_TV_INVALID, /* nothing: a missing key, nil. `boxed`: a null that stands in a container */
    SLIP_TV_BOOL,
    SLIP_TV_INT,   /* int, also of literals and YAML */
    SLIP_TV_INT64, /* int64, of arithmetic */
    SLIP_TV_UINT8, /* a byte: element of a string */
    SLIP_TV_UINT32,
    SLIP_TV_UINT64,
    SLIP_TV_FLOAT,   /* float64 */
    SLIP_TV_COMPLEX, /* complex128 */
    SLIP_TV_STRING,
    SLIP_TV_LIST,       /* []interface {} */
    SLIP_TV_STRINGS,    /* []string */
    SLIP_TV_INTS,       /* []int */
    SLIP_TV_LISTS,      /* [][]interface {} */
    SLIP_TV_DICT,       /* map[string]interface {} */
    SLIP_TV_ANY_MAP,    /* map[interface {}]interface {}: nested maps of fromYaml */
    SLIP_TV_STRING_MAP, /* map[string]string */
    SLIP_TV_OBJECT,     /* anything else, see struct slip_tv_class */
    SLIP_TV_TYPES
};

struct slip_tv_list;
struct slip_tv_map;
struct slip_tv_class;

struct slip_tv {
    enum slip_tv_type type;
    /* Read out of a container of interface {}: matters only for error texts and for null. Set by
     * the evaluator; functions get and give values without it. */
    bool boxed;
    const struct slip_tv_class *class; /* of an object */
    union {
        bool b;
        int64_t i;  /* INT, INT64 */
        uint64_t u; /* UINT8, UINT32, UINT64 */
        double f;
        struct {
            double re, im;
        } c;
        struct slip_str s;
        const struct slip_tv_list *list; /* NULL: a nil slice */
        struct slip_tv_map *map;         /* NULL: a nil map */
        const void *object;
    };
};

/* Elements of a typed list have that type; nil in a [][]interface {} is a LIST with list NULL. */
struct slip_tv_list {
    size_t len;
    const struct slip_tv *at;
    size_t held; /* elements at `at`: those behind `len` are of the list that this is a part of */
    size_t capacity; /* how far `slice` may reach: behind `held` there are zero values */
};

/*
 * A Go type that is neither a basic type nor a container: time.Time, *semver.Version, time.Month,
 * the .Files object. Defined beside the functions that make such values.
 */
struct slip_tmpl_call;
struct slip_tmpl_func;
struct slip_tv_class {
    const char *type; /* "time.Time", "*semver.Version" */
    const char *elem; /* of a pointer: what it points to ("semver.Version"); else NULL */
    const char *kind; /* "struct", "ptr", "int", ... */
    const struct slip_tmpl_func *methods; /* sorted by name; the receiver is the first argument and
                                             not counted in the signature */
    size_t n_methods;
    const char *const *hidden; /* unexported fields of the struct, up to a NULL; or NULL */
    /* The text of String(); NULL: it has none, and prints as "{}". */
    void (*print)(const void *object, struct slip_buf *out);
    /* What %#v shows; NULL: nothing of its own. */
    void (*print_go)(const void *object, struct slip_buf *out);
    /* The values of the hidden fields, for verbs that do not take a text; NULL: not shown. An
     * object without anything behind it is a nil pointer. */
    void (*fields)(const void *object, struct slip_tv *out);
    /* Of kinds int, int64, ...: the number. NULL for others. */
    int64_t (*number)(const void *object);
    /* The text that stands for it in JSON and YAML; NULL: the number, or what has no field. */
    int (*marshal)(struct slip_tmpl_call *call, const void *object, struct slip_buf *out);
    /* What YAML writes, without quotes, where it has a rule of its own for the type. */
    void (*print_yaml)(const void *object, struct slip_buf *out);
    /* What a deep copy is: unexported fields are not copied. NULL: the same object. */
    const void *blank;
    /* reflect.DeepEqual of what is behind. NULL: only one object equals itself. */
    bool (*equal)(const void *a, const void *b);
};

/* ---- making values ---- */

static inline struct slip_tv slip_tv_nil(void)
{
    return (struct slip_tv){ .type = SLIP_TV_INVALID };
}
static inline struct slip_tv slip_tv_bool(bool b)
{
    return (struct slip_tv){ .type = SLIP_TV_BOOL, .b = b };
}
static inline struct slip_tv slip_tv_int(int64_t i)
{
    return (struct slip_tv){ .type = SLIP_TV_INT, .i = i };
}
static inline struct slip_tv slip_tv_int64(int64_t i)
{
    return (struct slip_tv){ .type = SLIP_TV_INT64, .i = i };
}
static inline struct slip_tv slip_tv_uint64(uint64_t u)
{
    return (struct slip_tv){ .type = SLIP_TV_UINT64, .u = u };
}
static inline struct slip_tv slip_tv_float(double f)
{
    return (struct slip_tv){ .type = SLIP_TV_FLOAT, .f = f };
}
/* The bytes are not copied: they must live as long as the rendering. */
static inline struct slip_tv slip_tv_str(struct slip_str s)
{
    return (struct slip_tv){ .type = SLIP_TV_STRING, .s = s };
}
static inline struct slip_tv slip_tv_map(enum slip_tv_type type, struct slip_tv_map *m)
{
    return (struct slip_tv){ .type = type, .map = m };
}
static inline struct slip_tv slip_tv_object(const struct slip_tv_class *class, const void *object)
{
    return (struct slip_tv){ .type = SLIP_TV_OBJECT, .class = class, .object = object };
}

/* A list of `len` elements that stay where they are (in the arena). */
struct slip_tv slip_tv_list(struct slip_arena *a, enum slip_tv_type type, const struct slip_tv *at,
                            size_t len);
/* The same with room behind the elements. */
struct slip_tv slip_tv_list_with_room(struct slip_arena *a, enum slip_tv_type type,
                                      const struct slip_tv *at, size_t len, size_t capacity);
/* The elements [start, end) of a list; `end` is at most its capacity. */
struct slip_tv slip_tv_list_part(struct slip_arena *a, const struct slip_tv *list, size_t start,
                                 size_t end);

/* The capacity of a Go slice that had `capacity` when elements are appended up to `len`: all at
 * once, or one after the other. */
size_t slip_tmpl_capacity(enum slip_tv_type type, size_t capacity, size_t len);
size_t slip_tmpl_capacity_of_each(enum slip_tv_type type, size_t capacity, size_t len);

/* A nil slice or a nil map of that type; they behave as empty, but JSON writes null. */
static inline struct slip_tv slip_tv_null_of(enum slip_tv_type type)
{
    return (struct slip_tv){ .type = type };
}

/* ---- asking ---- */

static inline bool slip_tv_is_nil(const struct slip_tv *v)
{
    return v->type == SLIP_TV_INVALID;
}
static inline bool slip_tv_is_list(const struct slip_tv *v)
{
    return v->type >= SLIP_TV_LIST && v->type <= SLIP_TV_LISTS;
}
static inline bool slip_tv_is_map(const struct slip_tv *v)
{
    return v->type >= SLIP_TV_DICT && v->type <= SLIP_TV_STRING_MAP;
}
static inline size_t slip_tv_list_len(const struct slip_tv *v)
{
    return v->list ? v->list->len : 0;
}

/* Go's name of the type ("map[string]interface {}", "<nil>"), of the kind ("map", "invalid"). */
const char *slip_tv_type_name(const struct slip_tv *v);
const char *slip_tv_kind_name(const struct slip_tv *v);
/* As slip_tv_type_name, for a pointer the type it points to. */
const char *slip_tv_elem_name(const struct slip_tv *v);
const char *slip_tv_name_of_type(enum slip_tv_type type);

/* False: nil, false, 0, "", empty list or map. Also sprig's `empty`, negated. */
bool slip_tv_truth(const struct slip_tv *v);

/* Same Go type and same content, as reflect.DeepEqual. */
bool slip_tv_deep_equal(const struct slip_tv *a, const struct slip_tv *b);

/* The same; `*steps` grows with the values compared, and beyond the limit the answer is false. */
bool slip_tv_deep_equal_counted(const struct slip_tv *a, const struct slip_tv *b, uint64_t *steps);

/* The order in which Go prints and ranges over the keys of a map. */
int slip_tv_key_cmp(const struct slip_tv *a, const struct slip_tv *b);

/* ---- maps ---- */

/* For tables of names inside this room. */
uint32_t slip_tmpl_hash(const void *data, size_t len);

struct slip_tv_entry {
    struct slip_tv key, value;
};

struct slip_tv_map *slip_tv_map_new(struct slip_arena *a);
size_t slip_tv_map_len(const struct slip_tv_map *m); /* NULL is a nil map */

/* NULL when absent. A change of the map moves the values. */
struct slip_tv *slip_tv_map_get(const struct slip_tv_map *m, const struct slip_tv *key);
struct slip_tv *slip_tv_map_get_str(const struct slip_tv_map *m, struct slip_str key);

/* Set or replace. `m` must not be NULL: writing into a nil map is an error that the caller tells
 * ("assignment to entry in nil map"). The text of a key must live as long as the map. */
void slip_tv_map_set(struct slip_tv_map *m, const struct slip_tv *key, const struct slip_tv *value);
void slip_tv_map_set_str(struct slip_tv_map *m, struct slip_str key, struct slip_tv value);
void slip_tv_map_remove(struct slip_tv_map *m, const struct slip_tv *key);

/* The entries in order of insertion; valid until the map changes. */
const struct slip_tv_entry *slip_tv_map_entries(const struct slip_tv_map *m);

/* A copy of the entries, in the order of slip_tv_key_cmp. slip_tv_map_len of them. */
struct slip_tv_entry *slip_tv_map_sorted(struct slip_arena *a, const struct slip_tv_map *m);

#endif
