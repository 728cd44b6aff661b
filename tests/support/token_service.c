/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token service for a real registry with token sign-in: checks a password (GET with Basic) or a
 * refresh token (POST form), and grants what the account may do.
 *
 *   token_service [-l LOG] [-e SECONDS] [-n] PORT CERT KEY SERVICE [NAME:PASSWORD:ACTIONS]...
 *
 * ACTIONS is a list such as "pull,push"; the account "" stands for anonymous requests. A refresh
 * token is "refresh-" and the password. -n: no POST (404), as some services. -e: life of tokens.
 * CERT is both the registry's rootcertbundle and what signs (RS256, sent along as x5c).
 * It prints "ready" when it listens; a PORT of 0 is any that is free. The log has a line "METHOD
 * ACCOUNT SCOPES" per request.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdbool.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#define TEXT 16384

static EVP_PKEY *key;
static char x5c[TEXT];
static const char *service;
static char **accounts;
static int account_count, log_fd = -1, life = 300;
static bool no_post;

static size_t base64(const unsigned char *data, size_t len, char *out, bool for_urls)
{
    size_t n = (size_t)EVP_EncodeBlock((unsigned char *)out, data, (int)len);
    for (size_t i = 0; for_urls && i < n; i++) {
        if (out[i] == '+')
            out[i] = '-';
        else if (out[i] == '/')
            out[i] = '_';
        else if (out[i] == '=')
            out[n = i] = '\0';
    }
    return n;
}

static void load(const char *cert_path, const char *key_path)
{
    FILE *f = fopen(cert_path, "r");
    X509 *cert = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
    if (f)
        fclose(f);
    f = fopen(key_path, "r");
    key = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
    if (f)
        fclose(f);
    unsigned char *der = NULL;
    int len = cert ? i2d_X509(cert, &der) : -1;
    if (len < 0 || !key) {
        fprintf(stderr, "token_service: cannot read %s, %s\n", cert_path, key_path);
        exit(1);
    }
    base64(der, (size_t)len, x5c, false);
    OPENSSL_free(der);
    X509_free(cert);
}

/* header "." claims "." signature */
static void sign(const char *claims, char *token, size_t size)
{
    static char header[TEXT + 64];
    int n = snprintf(header, sizeof(header), "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5c\":[\"%s\"]}",
                     x5c);
    size_t len = base64((const unsigned char *)header, (size_t)n, token, true);
    token[len++] = '.';
    len += base64((const unsigned char *)claims, strlen(claims), token + len, true);
    unsigned char signature[1024];
    size_t signature_len = sizeof(signature);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key);
    EVP_DigestSign(ctx, signature, &signature_len, (const unsigned char *)token, len);
    EVP_MD_CTX_free(ctx);
    token[len++] = '.';
    len += base64(signature, signature_len, token + len, true);
    if (len >= size)
        exit(1);
}

static void decode_percent(char *s)
{
    char *out = s;
    for (; *s; s++, out++) {
        unsigned byte;
        if (*s == '%' && sscanf(s + 1, "%2x", &byte) == 1) {
            *out = (char)byte;
            s += 2;
        } else {
            *out = *s == '+' ? ' ' : *s;
        }
    }
    *out = '\0';
}

/* All values of a name in a query or form, joined with blanks. */
static void form_values(const char *form, const char *name, char *out, size_t size)
{
    static char copy[TEXT];
    char *rest = copy, *pair;
    snprintf(copy, sizeof(copy), "%s", form);
    out[0] = '\0';
    while ((pair = strsep(&rest, "&"))) {
        char *value = strchr(pair, '=');
        if (!value)
            continue;
        *value++ = '\0';
        if (strcmp(pair, name) != 0)
            continue;
        decode_percent(value);
        size_t len = strlen(out);
        snprintf(out + len, size - len, "%s%s", len ? " " : "", value);
    }
}

/* The actions of an account; NULL when the password is wrong. */
static const char *actions_of(const char *name, const char *password)
{
    static char copy[1024];
    for (int i = 0; i < account_count; i++) {
        snprintf(copy, sizeof(copy), "%s", accounts[i]);
        char *rest = copy, *n = strsep(&rest, ":"), *p = strsep(&rest, ":");
        if (strcmp(p, password) == 0 && (!name || strcmp(n, name) == 0))
            return rest;
    }
    return NULL;
}

static bool allows(const char *actions, const char *action)
{
    char copy[256];
    char *rest = copy, *word;
    snprintf(copy, sizeof(copy), "%s", actions);
    while ((word = strsep(&rest, ",")))
        if (strcmp(word, action) == 0)
            return true;
    return false;
}

/* "repository:a/b:pull,push" -> an access entry with what is allowed of it. */
static void add_access(char *scope, const char *actions, char *out, size_t size)
{
    char *name = strchr(scope, ':'), *wanted = strrchr(scope, ':'), *action;
    size_t len = strlen(out);
    bool any = false;
    if (!name || name == wanted)
        return;
    *name++ = *wanted++ = '\0';
    len +=
        (size_t)snprintf(out + len, size - len, "%s{\"type\":\"%s\",\"name\":\"%s\",\"actions\":[",
                         len > 1 ? "," : "", scope, name);
    while ((action = strsep(&wanted, ",")))
        if (allows(actions, action)) {
            len += (size_t)snprintf(out + len, size - len, "%s\"%s\"", any ? "," : "", action);
            any = true;
        }
    snprintf(out + len, size - len, "]}");
}

static void respond(int fd, int status, const char *body)
{
    static char text[3 * TEXT];
    int len = snprintf(text, sizeof(text),
                       "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nConnection: close\r\n"
                       "Content-Length: %zu\r\n\r\n%s",
                       status, strlen(body), body);
    if (write(fd, text, (size_t)len) != len)
        perror("token_service");
}

static void grant(int fd, const char *name, const char *actions, char *scopes)
{
    static char access[TEXT], claims[2 * TEXT], token[6 * TEXT], body[6 * TEXT + 64];
    char *scope;
    snprintf(access, sizeof(access), "[");
    while ((scope = strsep(&scopes, " ")))
        add_access(scope, actions, access, sizeof(access));
    long now = (long)time(NULL);
    snprintf(claims, sizeof(claims),
             "{\"iss\":\"test\",\"sub\":\"%s\",\"aud\":\"%s\",\"exp\":%ld,\"nbf\":%ld,\"iat\":%ld,"
             "\"jti\":\"%ld\",\"access\":%s]}",
             name, service, now + life, now - 10, now, now, access);
    sign(claims, token, sizeof(token));
    snprintf(body, sizeof(body), "{\"token\":\"%s\",\"expires_in\":%d}", token, life);
    respond(fd, 200, body);
}

static void read_basic(const char *head, char *name, char *password)
{
    unsigned char plain[1024] = { 0 };
    const char *at = strcasestr(head, "\r\nAuthorization: Basic ");
    name[0] = password[0] = '\0';
    if (!at)
        return;
    at += 23;
    int len = EVP_DecodeBlock(plain, (const unsigned char *)at, (int)strcspn(at, "\r"));
    if (len > 0)
        sscanf((char *)plain, "%255[^:]:%255s", name, password);
}

static void serve(int fd)
{
    static char text[TEXT], scopes[TEXT];
    char name[256], password[256], method[16], target[8192];
    size_t len = 0;
    ssize_t n;
    char *end = NULL;
    const char *form, *length;
    while (!end && (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0) {
        len += (size_t)n;
        text[len] = '\0';
        end = strstr(text, "\r\n\r\n");
    }
    if (!end || sscanf(text, "%15s %8191s", method, target) != 2)
        return;
    read_basic(text, name, password);
    form = strchr(target, '?') ? strchr(target, '?') + 1 : "";
    bool post = strcmp(method, "POST") == 0;
    if (post) {
        length = strcasestr(text, "\r\nContent-Length: ");
        size_t want = (size_t)(end + 4 - text) + (length ? strtoul(length + 18, NULL, 10) : 0);
        while (len < want && (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
            len += (size_t)n;
        text[len] = '\0';
        form = end + 4;
        form_values(form, "refresh_token", password, sizeof(password));
        memmove(password, password + strcspn(password, "-") + 1,
                strlen(password + strcspn(password, "-")));
    }
    form_values(form, "scope", scopes, sizeof(scopes));
    if (log_fd >= 0)
        dprintf(log_fd, "%s %s %s\n", method, post ? "-" : name, scopes);
    const char *actions = actions_of(post ? NULL : name, password);
    if (post && no_post)
        respond(fd, 404, "{}");
    else if (!actions)
        respond(fd, 401, "{\"details\":\"incorrect username or password\"}");
    else
        grant(fd, name, actions, scopes);
}

int main(int argc, char **argv)
{
    int c;
    while ((c = getopt(argc, argv, "l:e:n")) >= 0) {
        no_post |= c == 'n';
        if (c == 'l')
            log_fd = open(optarg, O_WRONLY | O_CREAT | O_APPEND | O_TRUNC, 0600);
        if (c == 'e')
            life = (int)strtol(optarg, NULL, 10);
    }
    if (argc - optind < 4) {
        fprintf(stderr, "usage: token_service [-l LOG] [-e SECONDS] [-n] PORT CERT KEY SERVICE "
                        "[NAME:PASSWORD:ACTIONS]...\n");
        return 2;
    }
    load(argv[optind + 1], argv[optind + 2]);
    service = argv[optind + 3];
    accounts = argv + optind + 4;
    account_count = argc - optind - 4;
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((unsigned short)strtol(argv[optind], NULL, 10)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(listener, 64) < 0) {
        perror("token_service");
        return 1;
    }
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        serve(fd);
        close(fd);
    }
}
