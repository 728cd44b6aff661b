/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buildah as a child process: `buildah build` on a tar stream, then `buildah push` into a directory
 * whose blobs become an image layout. Storage, isolation, mirrors and credentials of base images
 * are buildah's own business; its environment is passed on.
 *
 * The image is made in Docker's format, because OCI's has no HEALTHCHECK, SHELL and ONBUILD.
 */
#include "build/engine.h"

#include <errno.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/temp_dir.h"
#include "base/vec.h"
#include "build/access.h"
#include "dockerfile/lower.h"
#include "proc/run.h"
#include "registry/stored.h"
#include "value/json.h"
#include "value/veil.h"

enum {
    TAIL_LINES = 12, /* of the builder's output, for the message when it fails */
    TAIL_LINE_BYTES = 500,
    TAIL_BYTES = 1700, /* of all of them: the last ones that fit */
    ID_MAX = 256,
    IDLE_MS = 1000, /* of silence, until the watch hears that work goes on */
};

/* One build. */
struct work {
    const struct slip_build_host *host;
    const struct slip_build_request *request;
    struct slip_arena arena; /* of the argument vectors */
    struct slip_temp_dir *dir;
    struct {
        SLIP_VEC(const char *);
    } argv;
    char tail[TAIL_LINES][TAIL_LINE_BYTES + 1]; /* last lines, a ring */
    size_t lines;
    struct slip_veil veil; /* over the builder's output: it may tell the secrets it was given */
};

static void work_clear(struct work *w)
{
    slip_temp_dir_remove(w->dir);
    slip_vec_clear(&w->argv);
    slip_veil_clear(&w->veil);
    slip_arena_clear(&w->arena);
}
SLIP_DEFINE_AUTO(work, work_clear);

/* Arguments. */

static char *in_dir(struct work *w, const char *name)
{
    return slip_arena_printf(&w->arena, "%s/%s", w->dir->path, name);
}

static void add(struct work *w, const char *arg)
{
    slip_vec_push(&w->argv, arg);
}

/* "--flag" and its value, which came from werf.yaml. */
static int add_flag(struct work *w, const char *flag, struct slip_str value, struct slip_error *err)
{
    if (memchr(value.ptr, '\0', value.len))
        return slip_fail(err, SLIP_E_CONFIG, "a value for '%s' of the builder holds a NUL", flag);
    add(w, flag);
    add(w, slip_arena_strdup(&w->arena, value));
    return 0;
}

static int add_args(struct work *w, struct slip_error *err)
{
    for (size_t i = 0; i < w->request->n_args; i++) {
        const struct slip_build_arg *a = &w->request->args[i];
        SLIP_AUTO(slip_buf) pair = SLIP_BUF(a->key.len + 1 + a->value.len);
        slip_buf_add_str(&pair, a->key);
        slip_buf_add_char(&pair, '=');
        slip_buf_add_str(&pair, a->value);
        if (add_flag(w, "--build-arg", slip_buf_str(&pair), err) < 0)
            return -1;
    }
    return 0;
}

static int add_network(struct work *w, struct slip_error *err)
{
    struct slip_str network = w->request->network;
    if (network.len == 0)
        network = slip_str_of(w->host->network);
    if (network.len == 0 || slip_str_is(network, "default"))
        return 0;
    if (!slip_str_is(network, "host") && !slip_str_is(network, "none"))
        return slip_fail(err, SLIP_E_UNSUPPORTED, "buildah has no network '%.*s'",
                         SLIP_ARG(slip_str_first(network, 200)));
    return add_flag(w, "--network", network, err);
}

/* How it gets at base images. */
static int add_access(struct work *w, struct slip_access *access, struct slip_error *err)
{
    if (slip_access_write(w->host, w->request, w->dir->path, &w->arena, access, err) < 0)
        return -1;
    add(w, "--registries-conf");
    add(w, access->registries);
    if (access->auth) {
        add(w, "--authfile");
        add(w, access->auth);
    }
    return 0;
}

static char *secret_file(struct work *w, size_t i)
{
    return in_dir(w, slip_arena_printf(&w->arena, "secret-%zu", i));
}

static void remove_secrets(struct work *w)
{
    for (size_t i = 0; i < w->request->n_secrets; i++)
        (void)unlink(secret_file(w, i));
}

/* A file that is too large for a secret, or not there, is the builder's business. */
static void veil_file(struct work *w, struct slip_str path)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_error ignored = { 0 };
    if (slip_file_read(slip_arena_strdup(&w->arena, path), &text, &ignored) == 0)
        slip_veil_add(&w->veil, slip_buf_str(&text));
}

static int add_secret(struct work *w, size_t i, struct slip_error *err)
{
    const struct slip_build_secret *s = &w->request->secrets[i];
    struct slip_str path = s->path;
    if (path.len == 0) {
        char *file = secret_file(w, i);
        if (slip_file_write(file, s->value, 0600, err) < 0)
            return -1;
        slip_veil_add(&w->veil, s->value);
        path = slip_str_of(file);
    } else {
        veil_file(w, path);
    }
    if (slip_str_find(s->id, ',') != SLIP_NPOS || slip_str_find(path, ',') != SLIP_NPOS)
        return slip_fail(err, SLIP_E_UNSUPPORTED, "buildah takes no comma in a secret's name");
    char *text = slip_arena_printf(&w->arena, "id=%.*s,src=%.*s", SLIP_ARG(s->id), SLIP_ARG(path));
    return add_flag(w, "--secret", slip_str_of(text), err);
}

/* Everything that comes from werf.yaml. */
static int add_request(struct work *w, struct slip_error *err)
{
    const struct slip_build_request *q = w->request;
    if (add_args(w, err) < 0 || add_network(w, err) < 0)
        return -1;
    if (q->target.len && add_flag(w, "--target", q->target, err) < 0)
        return -1;
    if (q->platform.len && add_flag(w, "--platform", q->platform, err) < 0)
        return -1;
    if (q->ssh.len && add_flag(w, "--ssh", q->ssh, err) < 0)
        return -1;
    for (size_t i = 0; i < q->n_add_hosts; i++)
        if (add_flag(w, "--add-host", q->add_hosts[i], err) < 0)
            return -1;
    for (size_t i = 0; i < q->n_secrets; i++)
        if (add_secret(w, i, err) < 0)
            return -1;
    return 0;
}

/* Running. */

/* Of a long line what it begins with, and the end: there stands the reason. */
static void keep_line(struct slip_str line, char kept[TAIL_LINE_BYTES + 1])
{
    static const char gap[] = " ... ";
    size_t front = TAIL_LINE_BYTES / 3, back = TAIL_LINE_BYTES - front - strlen(gap);
    if (line.len <= TAIL_LINE_BYTES)
        snprintf(kept, TAIL_LINE_BYTES + 1, "%.*s", SLIP_ARG(line));
    else
        snprintf(kept, TAIL_LINE_BYTES + 1, "%.*s%s%.*s", (int)front, line.ptr, gap, (int)back,
                 line.ptr + line.len - back);
    for (char *p = kept; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7F)
            *p = ' ';
}

static void note_line(void *payload, bool is_stderr, struct slip_str line)
{
    (void)is_stderr;
    struct work *w = payload;
    SLIP_AUTO(slip_buf) veiled = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_veil_apply(&w->veil, slip_str_first(line, SLIP_LIMIT_TEXT / 4), &veiled);
    line = slip_buf_str(&veiled);
    keep_line(line, w->tail[w->lines++ % TAIL_LINES]);

    SLIP_AUTO_FREE char *text = slip_memdup(line.ptr, line.len);
    slip_hide_secrets(text, line.len + 1);
    struct slip_event event = { .kind = SLIP_EVENT_OUTPUT, .subject = w->request->subject };
    event.text = text;
    slip_watch_tell(w->host->watch, &event);
}

static void note_silence(void *payload)
{
    struct work *w = payload;
    slip_watch_tell(w->host->watch, &(struct slip_event){ .kind = SLIP_EVENT_ALIVE,
                                                          .subject = w->request->subject });
}

/* What buildah says where a person can do something; the first row counts. */
#define FETCHING "initializing source docker://"
static const struct {
    const char *said, *too, *hint;
} advice[] = {
    { "no space left on device", "",
      "a disk is full: where buildah keeps images, /var/tmp or TMPDIR" },
    { "copier: stat:", "no such file or directory",
      "COPY and ADD find what is committed, less what an ignore file names" },
    { "no items matching glob", "",
      "COPY and ADD find what is committed, less what an ignore file names" },
    { "server gave HTTP response to HTTPS client", FETCHING,
      "the registry of the base image speaks plain HTTP: --insecure-registry" },
    { "x509:", FETCHING,
      "is the clock of this machine right? else the authority that signed the registry's "
      "certificate "
      "is not among the trusted ones (/etc/containers/certs.d)" },
    { "toomanyrequests", FETCHING,
      "the registry limits how often it is asked: sign in (docker login), or use a mirror "
      "(--container-registry-mirror)" },
    { "unauthorized", FETCHING,
      "the registry of the base image knows no such image, or wants credentials: docker login" },
    { "denied", FETCHING,
      "the registry of the base image knows no such image, or wants credentials: docker login" },
    { "manifest unknown", FETCHING, "is the name of the base image right? its registry has none" },
    { "name unknown", FETCHING, "is the name of the base image right? its registry has none" },
    { "no such host", FETCHING,
      "is the name of the base image's registry right, and the network there?" },
    { "connection refused", FETCHING,
      "does the base image's registry listen there? look at host and port, and proxies" },
};

static int fail_with_tail(struct work *w, const char *what, int status, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(sizeof(err->text));
    size_t first = w->lines, len = 0;
    while (first > 0 && w->lines - first < TAIL_LINES) {
        len += strlen(w->tail[(first - 1) % TAIL_LINES]) + 3;
        if (len > TAIL_BYTES)
            break;
        first--;
    }
    for (size_t i = first; i < w->lines; i++)
        slip_buf_add_fmt(&text, "\n  %s", w->tail[i % TAIL_LINES]);
    slip_fail(err, SLIP_E_BUILD, "'%s' ended with status %d%s%s", what, status, text.len ? ":" : "",
              text.ptr);
    for (size_t i = 0; i < SLIP_COUNT(advice); i++)
        if (strstr(err->text, advice[i].said) && strstr(err->text, advice[i].too))
            return slip_hint(err, "%s", advice[i].hint);
    return -1;
}

/* The process may end now: secrets and half an image are not left behind. */
static void remove_dir(void *payload)
{
    const struct work *w = payload;
    slip_dir_remove(w->dir->path);
}

/* Run the argument vector; `context` may be NULL. */
static int run(struct work *w, const char *what, struct slip_context *context,
               struct slip_error *err)
{
    slip_vec_push(&w->argv, NULL);
    w->lines = 0; /* the message is about this command */
    struct slip_child child = {
        .argv = w->argv.at,
        .env = w->host->env,
        .more_input = context ? slip_context_read : NULL,
        .payload = context,
        .timeout_ms = w->host->timeout_ms,
        .on_line = note_line,
        .line_payload = w,
        .on_idle = note_silence,
        .idle_ms = IDLE_MS,
        .before_signal = remove_dir,
        .signal_payload = w,
    };
    int status, rc = slip_child_run(&child, &status, err);
    w->argv.len = 0;
    if (rc < 0)
        return -1;
    return status == 0 ? 0 : fail_with_tail(w, what, status, err);
}

/* What buildah learned late, or not at all. */
static const char *new_syntax(const struct slip_dockerfile *d)
{
    for (size_t i = 0; i < d->n_stages; i++)
        for (size_t k = 0; k < d->stages[i].n_commands; k++) {
            const struct slip_dockerfile_command *c = &d->stages[i].commands[k];
            if (c->n_heredocs)
                return "heredocs";
            if (c->link)
                return "--link";
            if (c->checksum.len)
                return "ADD --checksum";
        }
    return NULL;
}

/* buildah compares names of stages letter by letter. */
static int write_dockerfile(struct work *w, const char *path, struct slip_dockerfile *d,
                            struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_DOCKERFILE);
    if (slip_dockerfile_parse(w->request->dockerfile, "Dockerfile", d, err) < 0)
        return -1;
    slip_dockerfile_lower_stages(d, w->request->dockerfile, &text);
    return slip_file_write(path, slip_buf_str(&text), 0600, err);
}

static int build(struct work *w, struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_context) context = NULL;
    SLIP_AUTO(slip_dockerfile) parsed = { 0 };
    struct slip_access access = { 0 };
    char *dockerfile = in_dir(w, "Dockerfile"), *ignore_file = in_dir(w, "ignore");
    if (slip_context_open(&w->request->context, &context, err) < 0
        || write_dockerfile(w, dockerfile, &parsed, err) < 0
        || slip_file_write(ignore_file, w->request->ignore_file, 0600, err) < 0)
        return -1;
    const char *const fixed[] = { "buildah",
                                  "build",
                                  "--format",
                                  "docker",
                                  "--iidfile",
                                  in_dir(w, "id"),
                                  "--file",
                                  dockerfile,
                                  "--ignorefile",
                                  ignore_file,
                                  "--identity-label=false" };
    for (size_t i = 0; i < SLIP_COUNT(fixed); i++)
        add(w, fixed[i]);
    if (w->host->insecure_registry)
        add(w, "--tls-verify=false");
    if (add_access(w, &access, err) < 0 || add_request(w, err) < 0)
        return -1;
    add(w, "-");
    int rc = run(w, "buildah build", context, err);
    remove_secrets(w);
    if (access.auth)
        (void)unlink(access.auth);
    if (rc < 0 && new_syntax(&parsed))
        slip_hint(err, "the Dockerfile uses %s, which older versions of buildah do not know",
                  new_syntax(&parsed));
    return rc;
}

static int read_id(struct work *w, struct slip_buf *id, struct slip_error *err)
{
    if (slip_file_read(in_dir(w, "id"), id, err) < 0)
        return slip_while(err, "the image id that buildah writes");
    struct slip_str trimmed = slip_str_trim(slip_buf_str(id));
    slip_buf_cut(id, trimmed.len);
    return id->len ? 0 : slip_fail(err, SLIP_E_BUILD, "buildah gave no image id");
}

/* Nothing leads to the image any more, and its layers are where we need them. A Dockerfile that
 * only says FROM made none: then it is the base image, and in use. */
static void remove_image(struct work *w, const char *id)
{
    struct slip_error ignored = { 0 };
    const char *const words[] = { "buildah", "rmi", id };
    for (size_t i = 0; i < SLIP_COUNT(words); i++)
        add(w, words[i]);
    if (run(w, "buildah rmi", NULL, &ignored) < 0 && !strstr(ignored.text, "image is in use"))
        slip_watch_warn(w->host->watch, w->request->subject, "buildah keeps the image %s: %s", id,
                        ignored.text);
}

static int take_out(struct work *w, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) id = SLIP_BUF(ID_MAX);
    if (read_id(w, &id, err) < 0)
        return -1;
    const char *const words[] = {
        "buildah", "push",
        "--quiet", "--disable-compression=false",
        id.ptr,    slip_arena_printf(&w->arena, "dir:%s/pushed", w->dir->path)
    };
    for (size_t i = 0; i < SLIP_COUNT(words); i++)
        add(w, words[i]);
    int rc = run(w, "buildah push", NULL, err);
    remove_image(w, id.ptr);
    return rc;
}

/* The result. */

/* Move the blob of a descriptor to its place in the layout. The same layer may stand there twice.
 */
static int move_blob(struct work *w, const struct slip_value *descriptor, struct slip_str *hex,
                     struct slip_error *err)
{
    struct slip_str digest = slip_value_text(descriptor, "digest");
    if (!slip_digest_is_valid(digest))
        return slip_fail(err, SLIP_E_BUILD, "buildah wrote a manifest without digests");
    *hex = slip_str_skip(digest, 7);
    char *from = slip_arena_printf(&w->arena, "%s/pushed/%.*s", w->dir->path, SLIP_ARG(*hex));
    char *to =
        slip_arena_printf(&w->arena, "%s/layout/blobs/sha256/%.*s", w->dir->path, SLIP_ARG(*hex));
    if (rename(from, to) < 0 && !(errno == ENOENT && access(to, F_OK) == 0))
        return slip_fail(err, SLIP_E_BUILD, "%s: %s", from, strerror(errno));
    return 0;
}

static int move_blobs(struct work *w, const struct slip_value *manifest, struct slip_buf *config,
                      struct slip_error *err)
{
    struct slip_str hex;
    const struct slip_value *layers = slip_value_get(manifest, "layers");
    for (size_t i = 0; layers && layers->type == SLIP_VALUE_LIST && i < layers->len; i++)
        if (move_blob(w, layers->items[i], &hex, err) < 0)
            return -1;
    if (move_blob(w, slip_value_get(manifest, "config"), &hex, err) < 0)
        return -1;
    char *path =
        slip_arena_printf(&w->arena, "%s/layout/blobs/sha256/%.*s", w->dir->path, SLIP_ARG(hex));
    return slip_file_read(path, config, err);
}

static int collect(struct work *w, struct slip_built *out, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) manifest = SLIP_BUF(SLIP_LIMIT_MANIFEST);
    SLIP_AUTO(slip_buf) config = SLIP_BUF(SLIP_LIMIT_CONFIG_BLOB);
    SLIP_AUTO(slip_doc) doc = { 0 };
    if (slip_file_read(in_dir(w, "pushed/manifest.json"), &manifest, err) < 0
        || slip_json_read(slip_buf_str(&manifest), "manifest of buildah", 0, &doc, err) < 0
        || slip_dir_make(in_dir(w, "layout/blobs/sha256"), 0700, err) < 0
        || slip_file_write(in_dir(w, "layout/oci-layout"),
                           SLIP_STR("{\"imageLayoutVersion\":\"1.0.0\"}"), 0600, err)
               < 0
        || move_blobs(w, doc.root, &config, err) < 0)
        return -1;
    struct slip_str type = slip_value_text(doc.root, "mediaType");
    if (type.len == 0 || type.len >= sizeof(out->media_type))
        return slip_fail(err, SLIP_E_BUILD, "buildah wrote a manifest without a media type");

    slip_built_clear(out);
    snprintf(out->media_type, sizeof(out->media_type), "%.*s", SLIP_ARG(type));
    slip_buf_init(&out->manifest, SLIP_LIMIT_MANIFEST);
    slip_buf_init(&out->config, SLIP_LIMIT_CONFIG_BLOB);
    slip_buf_move(&out->manifest, &manifest);
    slip_buf_move(&out->config, &config);
    out->layout = slip_strdup(in_dir(w, "layout"));
    out->dir = slip_take(w->dir);
    return 0;
}

static int check_program(const struct slip_build_host *host, struct slip_error *err)
{
    SLIP_AUTO_FREE char *program = slip_program_find(host->env, "buildah");
    if (program)
        return 0;
    slip_fail(err, SLIP_E_BUILD, "buildah is not installed");
    return slip_hint(err,
                     "install it (Debian: apt install buildah), or build the image with werf and "
                     "export again");
}

static int buildah_build(const struct slip_build_host *host,
                         const struct slip_build_request *request, struct slip_built *out,
                         struct slip_error *err)
{
    SLIP_AUTO(work) w = { .host = host, .request = request };
    if (check_program(host, err) < 0 || slip_temp_dir_make(host->tmpdir, &w.dir, err) < 0)
        return -1;
    slip_watch_step(host->watch, request->subject, "building with buildah");
    return build(&w, err) < 0 || take_out(&w, err) < 0 || collect(&w, out, err) < 0 ? -1 : 0;
}

const struct slip_engine slip_engine_buildah = {
    .name = "buildah",
    .summary = "buildah of this machine; needs no daemon",
    .build = buildah_build,
};
