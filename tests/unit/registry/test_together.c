/* SPDX-License-Identifier: Apache-2.0 */
/* Which copies of a batch are sent once and mounted, and which are read once. */
#include "unit/cmocka_all.h"

#include "registry/together.h"

enum { STAGE, STAGE_OTHER, SAME_HOST, ONE, ONE_OTHER, TWO, DIR, DIR_FROM, N_STORES };

static struct slip_store stores[N_STORES] = {
#define HTTP(host, path)                                                                           \
    {                                                                                              \
        .where = { .kind = SLIP_STORE_REGISTRY, .registry = host }, .name = host "/" path          \
    }
#define LAYOUT(dir)                                                                                \
    {                                                                                              \
        .where = { .kind = SLIP_STORE_LAYOUT }, .name = "oci:" dir                                 \
    }
    [STAGE] = HTTP("stage.example", "stages"),
    [STAGE_OTHER] = HTTP("stage.example", "others"),
    [SAME_HOST] = HTTP("stage.example", "app"),
    [ONE] = HTTP("one.example", "app"),
    [ONE_OTHER] = HTTP("one.example", "mirror"),
    [TWO] = HTTP("two.example", "app"),
    [DIR] = LAYOUT("out"),
    [DIR_FROM] = LAYOUT("stages"),
};

#define MEMORY (-1)

struct one_copy {
    int from, to;
    const char *digest;
    size_t group, share;
};

static void check(const char *name, const struct one_copy *table, size_t n)
{
    struct slip_blob_copy items[8] = { 0 };
    struct slip_together got[8];
    print_message("  %s\n", name);
    for (size_t i = 0; i < n; i++) {
        items[i].from = table[i].from == MEMORY ? NULL : &stores[table[i].from];
        items[i].to = &stores[table[i].to];
        items[i].digest = table[i].digest ? table[i].digest : "broken";
        if (!table[i].digest)
            slip_fail(&items[i].err, SLIP_E_REGISTRY, "not a digest");
    }
    slip_copies_arrange(items, n, got);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(got[i].group, table[i].group);
        assert_int_equal(got[i].share, table[i].share);
    }
}

#define CHECK(name, ...)                                                                           \
    do {                                                                                           \
        static const struct one_copy table[] = { __VA_ARGS__ };                                    \
        check(name, table, SLIP_COUNT(table));                                                     \
    } while (0)

static void copies_go_together_as_far_as_they_can(void **state)
{
    (void)state;
    CHECK("two registries read together", { STAGE, ONE, "a", 0, 0 }, { STAGE, ONE, "b", 1, 1 },
          { STAGE, TWO, "a", 2, 0 }, { STAGE, TWO, "b", 3, 1 });
    CHECK("a second repository of a registry gets it by a mount", { STAGE, ONE, "a", 0, 0 },
          { STAGE, ONE_OTHER, "a", 0, 0 }, { STAGE, TWO, "a", 2, 0 });
    CHECK("where the source is, it is mounted; that need not wait for others",
          { STAGE, SAME_HOST, "a", 0, 0 }, { STAGE, ONE, "a", 1, 1 }, { STAGE, TWO, "a", 2, 1 });
    CHECK("other repositories may ask for other rights", { STAGE, ONE, "a", 0, 0 },
          { STAGE_OTHER, TWO, "a", 1, 1 });
    CHECK("layouts read alone, and are read alone", { STAGE, DIR, "a", 0, 0 },
          { STAGE, ONE, "a", 1, 1 }, { DIR_FROM, TWO, "b", 2, 2 }, { DIR_FROM, ONE, "b", 3, 3 });
    CHECK("memory need not be read", { MEMORY, ONE, "a", 0, 0 }, { MEMORY, ONE_OTHER, "a", 0, 0 },
          { MEMORY, TWO, "a", 2, 2 });
    CHECK("what is wrong is left out", { STAGE, ONE, NULL, 0, 0 }, { STAGE, TWO, "a", 1, 1 },
          { STAGE, ONE, "a", 2, 1 });
    check("nothing", NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_go_together_as_far_as_they_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
