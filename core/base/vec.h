/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A typed growing array:
 *
 *     struct { SLIP_VEC(struct slip_str); } words = { 0 };
 *     slip_vec_push(&words, SLIP_STR("a"));
 *     for (size_t i = 0; i < words.len; i++) use(words.at[i]);
 *     slip_vec_clear(&words);
 *
 * All zeros is an empty array. It owns the memory of its elements, not what they point to.
 */
#ifndef SLIP_BASE_VEC_H
#define SLIP_BASE_VEC_H

#include "base/mem.h"

#define SLIP_VEC(type)                                                                             \
    type *at;                                                                                      \
    size_t len, cap

#define slip_vec_reserve(v, n)                                                                     \
    do {                                                                                           \
        size_t slip_need_ = (n);                                                                   \
        if (slip_need_ > (v)->cap) {                                                               \
            size_t slip_cap_ = (v)->cap ? (v)->cap * 2 : 8;                                        \
            if (slip_cap_ < slip_need_)                                                            \
                slip_cap_ = slip_need_;                                                            \
            (v)->at = slip_realloc_array((v)->at, slip_cap_, sizeof(*(v)->at));                    \
            (v)->cap = slip_cap_;                                                                  \
        }                                                                                          \
    } while (0)

#define slip_vec_push(v, ...)                                                                      \
    do {                                                                                           \
        slip_vec_reserve(v, (v)->len + 1);                                                         \
        (v)->at[(v)->len++] = (__VA_ARGS__);                                                       \
    } while (0)

/* Add a zeroed element and give its address (valid until the next push). */
#define slip_vec_add(v)                                                                            \
    ({                                                                                             \
        slip_vec_reserve(v, (v)->len + 1);                                                         \
        memset(&(v)->at[(v)->len], 0, sizeof(*(v)->at));                                           \
        &(v)->at[(v)->len++];                                                                      \
    })

#define slip_vec_clear(v)                                                                          \
    do {                                                                                           \
        slip_free((v)->at);                                                                        \
        (v)->at = NULL;                                                                            \
        (v)->len = (v)->cap = 0;                                                                   \
    } while (0)

#endif
