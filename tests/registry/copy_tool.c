/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies one image from name to name with the library alone: for measurements, and as the child
 * that fault tests run. usage: copy_tool [-i] [-k] [-c CA] [-a DOCKER-CONFIG-DIR] [-l] FROM TO
 */
#define TOOL "copy_tool"
#include "tool.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/vec.h"
#include "registry/copy.h"
#include "registry/store.h"
#include "value/json.h"

#include <inttypes.h>
#include <unistd.h>

extern char **environ;

static int print_tag(void *payload, struct slip_str tag, struct slip_error *err)
{
    (void)payload, (void)err;
    printf("%.*s\n", SLIP_ARG(tag));
    return 0;
}

struct blobs {
    SLIP_VEC(struct slip_blob_copy);
};

static void add_blob(const struct slip_value *descriptor, struct slip_store *from,
                     struct slip_store *to, struct blobs *out)
{
    const struct slip_value *digest = slip_value_get(descriptor, "digest");
    const struct slip_value *size = slip_value_get(descriptor, "size");
    if (digest && size)
        slip_vec_push(out, (struct slip_blob_copy){ .from = from,
                                                    .to = to,
                                                    .digest = digest->text.ptr,
                                                    .size = (uint64_t)size->i });
}

static int copy_blobs(struct slip_registry *r, const struct slip_value *manifest,
                      struct slip_store *from, struct slip_store *to)
{
    struct blobs blobs = { 0 };
    int rc = 0;
    const struct slip_value *layers = slip_value_get(manifest, "layers");
    for (size_t i = 0; layers && i < layers->len; i++)
        add_blob(layers->items[i], from, to, &blobs);
    add_blob(slip_value_get(manifest, "config"), from, to, &blobs);
    if (slip_blobs_copy(r, blobs.at, blobs.len, NULL) < 0)
        for (size_t i = 0; i < blobs.len; i++)
            if (blobs.at[i].err.kind != SLIP_OK)
                rc = print_error(&blobs.at[i].err);
    slip_vec_clear(&blobs);
    return rc;
}

/* The digests of the descriptors end in the arena: as C strings they need their NUL. */
static int copy_image(struct slip_registry *r, struct slip_store *from, const char *name,
                      struct slip_store *to, const char *new_name)
{
    struct slip_error err = { 0 };
    struct slip_manifest_get get = { .identifier = name };
    if (from->ops->get_manifests(from, &get, 1) < 0)
        return print_error(&get.err);
    if (!get.found) {
        fprintf(stderr, "copy_tool: %s:%s is not there\n", from->name, name);
        return 6;
    }
    struct slip_manifest_head head = { .identifier = new_name };
    SLIP_AUTO(slip_doc) doc = { 0 };
    int rc = 0;
    if (to->ops->head_manifests(to, &head, 1) < 0) {
        rc = print_error(&head.err);
    } else if (head.found && strcmp(head.digest, get.digest) == 0) {
        printf("%s equal\n", get.digest);
    } else if (slip_json_read(slip_buf_str(&get.body), "manifest", 0, &doc, &err) < 0) {
        rc = print_error(&err);
    } else if ((rc = copy_blobs(r, doc.root, from, to)) == 0) {
        struct slip_manifest_put put = { .identifier = new_name,
                                         .media_type = get.media_type,
                                         .body = slip_buf_str(&get.body) };
        if (to->ops->put_manifests(to, &put, 1) < 0)
            rc = print_error(&put.err);
        else
            printf("%s written\n", put.digest);
    }
    slip_buf_clear(&get.body);
    return rc;
}

static int open_store(struct slip_registry *r, const char *text, struct slip_reference *ref,
                      struct slip_store **out)
{
    struct slip_error err = { 0 };
    if (slip_reference_parse(slip_str_of(text), ref, &err) < 0
        || slip_store_open(r, ref, out, &err) < 0)
        return print_error(&err);
    return 0;
}

int main(int argc, char **argv)
{
    struct slip_watch watch = { .on_event = on_event };
    struct slip_registry_options o = { .user_agent = "slipway/test",
                                       .env = (const char *const *)environ,
                                       .watch = &watch };
    const char *backoff = getenv("BACKOFF_MS");
    bool list = false;
    int c, rc;
    o.backoff_ms = backoff ? (unsigned)strtoul(backoff, NULL, 10) : 0;
    while ((c = getopt(argc, argv, "ikc:a:d:l")) >= 0) {
        o.insecure |= c == 'i';
        o.skip_tls_verify |= c == 'k';
        list |= c == 'l';
        if (c == 'c')
            o.ca_file = optarg;
        if (c == 'a')
            o.docker_config_dir = optarg;
        if (c == 'd')
            o.cert_dir = optarg;
    }
    if (argc - optind != (list ? 1 : 2)) {
        fprintf(stderr, "usage: copy_tool [-ik] [-c CA] [-d CERTS] [-a DIR] (-l NAME | FROM TO)\n");
        return 2;
    }
    SLIP_AUTO_PTR(slip_registry) r = slip_registry_new(&o);
    SLIP_AUTO(slip_reference) from_ref = { 0 };
    SLIP_AUTO(slip_reference) to_ref = { 0 };
    SLIP_AUTO_PTR(slip_store) from = NULL;
    SLIP_AUTO_PTR(slip_store) to = NULL;
    if ((rc = open_store(r, argv[optind], &from_ref, &from)) != 0)
        return rc;
    if (list) {
        struct slip_error err = { 0 };
        return from->ops->list_tags(from, print_tag, NULL, &err) < 0 ? print_error(&err) : 0;
    }
    if ((rc = open_store(r, argv[optind + 1], &to_ref, &to)) != 0)
        return rc;
    return copy_image(r, from, from_ref.identifier, to, to_ref.identifier);
}
