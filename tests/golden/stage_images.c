/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/stage_images.h"

#include "base/mem.h"
#include "registry/media.h"
#include "registry/stored.h"
#include "support/mem_store.h"

static void add_stage(struct slip_store *s, const char *tag, json_t *labels, json_t *env,
                      bool broken)
{
    json_t *config =
        json_pack("{s:s, s:{s:O*, s:O*}}", "author", tag, "config", "Labels", labels, "Env", env);
    char *text = json_dumps(config, JSON_COMPACT);
    char digest[SLIP_DIGEST_LEN + 1];
    slip_digest_of(slip_str_of(text), digest);
    SLIP_AUTO_FREE char *manifest =
        slip_printf("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"c\",\"size\":%zu,"
                    "\"digest\":\"%s\"},\"layers\":[]}",
                    strlen(text), digest);
    if (!broken)
        mem_store_add_blob(s, digest, slip_str_of(text));
    mem_store_add_manifest(s, tag, SLIP_MEDIA_OCI_MANIFEST, slip_str_of(manifest));
    free(text);
    json_decref(config);
}

void golden_add_stage(struct slip_store *s, const char *tag, json_t *labels, bool broken)
{
    add_stage(s, tag, labels, NULL, broken);
}

void golden_add_stage_with_env(struct slip_store *s, const char *tag, json_t *labels, json_t *env)
{
    add_stage(s, tag, labels, env, false);
}
