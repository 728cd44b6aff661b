/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a record. */
#include "build/record.h"

#include <inttypes.h>
#include <time.h>

#include "base/limits.h"
#include "hash/hash.h"
#include "registry/copy.h"
#include "registry/media.h"
#include "registry/stored.h"
#include "value/json.h"

/* gzip of 1024 zero bytes, which is a tar archive of nothing, as werf writes it; its diff id. */
static const unsigned char layer[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0xff, 0xec, 0xc0, 0x81,
    0x00, 0x00, 0x00, 0x00, 0xc2, 0xb0, 0xfc, 0xa9, 0x03, 0xf9, 0x36, 0x20, 0xeb,
    0x01, 0x00, 0x00, 0xff, 0xff, 0x2e, 0xaf, 0xb5, 0xef, 0x00, 0x04, 0x00, 0x00,
};
#define DIFF_ID "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"

/* The nanoseconds come from the tag: records of one millisecond differ too. */
static void add_time(const struct slip_record *r, struct slip_buf *out)
{
    time_t seconds = (time_t)(r->now_ms / 1000);
    struct tm tm;
    char text[32];
    gmtime_r(&seconds, &tm);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    slip_buf_add_fmt(out, "%s.%03d%06" PRIu32 "Z", text, (int)(r->now_ms % 1000),
                     slip_murmur3(slip_str_of(r->tag)) % 1000000);
}

static void make_config(const struct slip_record *r, struct slip_buf *out)
{
    slip_buf_add_c(out, "{\"architecture\":\"\",\"created\":\"");
    add_time(r, out);
    slip_buf_add_c(out, "\",\"history\":[{\"created\":\"0001-01-01T00:00:00Z\"}],\"os\":\"\","
                        "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" DIFF_ID "\"]},"
                        "\"config\":{\"Labels\":{\"werf\":");
    slip_json_add_string(out, r->project, 0);
    slip_buf_add_c(out, "}}}");
}

static void make_manifest(const char *config_digest, size_t config_size, const char *layer_digest,
                          struct slip_buf *out)
{
    slip_buf_add_fmt(out,
                     "{\"schemaVersion\":2,\"mediaType\":\"" SLIP_MEDIA_DOCKER_MANIFEST "\","
                     "\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\","
                     "\"size\":%zu,\"digest\":\"%s\"},\"layers\":[{\"mediaType\":"
                     "\"application/vnd.docker.image.rootfs.diff.tar.gzip\",\"size\":%zu,"
                     "\"digest\":\"%s\"}]}",
                     config_size, config_digest, sizeof(layer), layer_digest);
}

int slip_record_write(const struct slip_record *r, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) config = SLIP_BUF(SLIP_LIMIT_CONFIG_BLOB);
    SLIP_AUTO(slip_buf) manifest = SLIP_BUF(SLIP_LIMIT_MANIFEST);
    char config_digest[SLIP_DIGEST_LEN + 1], layer_digest[SLIP_DIGEST_LEN + 1];
    struct slip_str layer_bytes = slip_str_make((const char *)layer, sizeof(layer));
    make_config(r, &config);
    slip_digest_of(slip_buf_str(&config), config_digest);
    slip_digest_of(layer_bytes, layer_digest);
    make_manifest(config_digest, config.len, layer_digest, &manifest);

    struct slip_blob_copy blobs[] = {
        { .to = r->store, .digest = layer_digest, .size = sizeof(layer), .data = layer_bytes },
        { .to = r->store,
          .digest = config_digest,
          .size = config.len,
          .data = slip_buf_str(&config) },
    };
    if (slip_blobs_copy(r->registry, blobs, SLIP_COUNT(blobs), r->watch) < 0) {
        *err = blobs[0].err.kind ? blobs[0].err : blobs[1].err;
        return slip_while(err, "record %s", r->tag);
    }
    struct slip_manifest_put put = { .identifier = r->tag,
                                     .media_type = SLIP_MEDIA_DOCKER_MANIFEST,
                                     .body = slip_buf_str(&manifest) };
    if (r->store->ops->put_manifests(r->store, &put, 1) < 0) {
        *err = put.err;
        return slip_while(err, "record %s", r->tag);
    }
    return 0;
}
