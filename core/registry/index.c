/* SPDX-License-Identifier: Apache-2.0 */
/* Indexes as werf writes them. */
#include "registry/index.h"

#include "base/limits.h"
#include "base/mem.h"
#include "registry/image_types.h"
#include "registry/media.h"
#include "value/json.h"

int slip_index_platform(struct slip_arena *arena, struct slip_go *config, struct slip_str *out,
                        struct slip_error *err)
{
    static const unsigned char pairs[][2] = { { SLIP_CONFIG_ARCHITECTURE,
                                                SLIP_PLATFORM_ARCHITECTURE },
                                              { SLIP_CONFIG_OS, SLIP_PLATFORM_OS },
                                              { SLIP_CONFIG_OS_VERSION, SLIP_PLATFORM_OS_VERSION },
                                              { SLIP_CONFIG_VARIANT, SLIP_PLATFORM_VARIANT } };
    struct slip_go p = { 0 };
    struct slip_go features =
        *slip_go_field(arena, &slip_config_type, config, SLIP_CONFIG_OS_FEATURES);
    bool any = features.list.len > 0;
    for (size_t i = 0; i < SLIP_COUNT(pairs); i++) {
        struct slip_go *from = slip_go_field(arena, &slip_config_type, config, pairs[i][0]);
        *slip_go_field(arena, &slip_platform_type, &p, pairs[i][1]) = *from;
        any |= from->text.len > 0;
    }
    *slip_go_field(arena, &slip_platform_type, &p, SLIP_PLATFORM_OS_FEATURES) = features;
    *out = SLIP_STR("");
    if (!any)
        return 0;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_CONFIG_BLOB);
    if (slip_go_write(&slip_platform_type, &p, &text, err) < 0)
        return -1;
    *out = slip_arena_str(arena, slip_buf_str(&text));
    return 0;
}

void slip_index_begin(struct slip_buf *out)
{
    slip_buf_add_c(out, "{\"schemaVersion\":2,\"mediaType\":\"" SLIP_MEDIA_DOCKER_LIST
                        "\",\"manifests\":[");
}

void slip_index_add(struct slip_buf *out, const char *media_type, size_t size, const char *digest,
                    struct slip_str platform_text)
{
    if (out->ptr[out->len - 1] != '[')
        slip_buf_add_char(out, ',');
    slip_buf_add_c(out, "{\"mediaType\":");
    slip_json_add_string(out, slip_str_of(media_type), SLIP_JSON_HTML);
    slip_buf_add_fmt(out, ",\"size\":%zu,\"digest\":\"%s\"", size, digest);
    if (platform_text.len) {
        slip_buf_add_c(out, ",\"platform\":");
        slip_buf_add_str(out, platform_text);
    }
    slip_buf_add_char(out, '}');
}

int slip_index_end(struct slip_buf *out, struct slip_str annotations, struct slip_error *err)
{
    slip_buf_add_char(out, ']');
    if (annotations.len) {
        slip_buf_add_c(out, ",\"annotations\":");
        slip_buf_add_str(out, annotations);
    }
    slip_buf_add_char(out, '}');
    return out->full ? slip_fail(err, SLIP_E_REGISTRY, "the index is too large") : 0;
}

static int add_stored(const struct slip_stored *child, struct slip_buf *out, struct slip_error *err)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_go config = { 0 };
    struct slip_str platform;
    if (slip_image_read_as(&slip_config_type, slip_buf_str(&child->config), "config", &doc, &config,
                           err)
            < 0
        || slip_index_platform(&doc.arena, &config, &platform, err) < 0)
        return slip_while(err, "%s", child->digest);
    slip_index_add(out, child->media_type, child->manifest.len, child->digest, platform);
    return 0;
}

int slip_stored_join(struct slip_stored *children, size_t n, struct slip_stored *out,
                     struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_MANIFEST);
    slip_index_begin(&text);
    for (size_t i = 0; i < n; i++)
        if (add_stored(&children[i], &text, err) < 0)
            return -1;
    if (slip_index_end(&text, SLIP_STR(""), err) < 0)
        return -1;
    slip_stored_clear(out);
    out->children = slip_alloc_array(n, sizeof(*children));
    out->n_children = n;
    memcpy(out->children, children, n * sizeof(*children));
    memset(children, 0, n * sizeof(*children));
    slip_buf_init(&out->manifest, SLIP_LIMIT_MANIFEST);
    slip_buf_move(&out->manifest, &text);
    snprintf(out->media_type, sizeof(out->media_type), SLIP_MEDIA_DOCKER_LIST);
    slip_digest_of(slip_buf_str(&out->manifest), out->digest);
    return 0;
}
