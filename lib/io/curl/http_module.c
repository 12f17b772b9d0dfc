/* The module "http": what uses libcurl. */
#include "base/module.h"
#include "io/curl/http_easy.h"

static const char *version(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}

static const struct http_client_module content = {
    .version = version,
    .create_blocking = http_blocking_create,
    .create_async = http_async_create,
};

extern const struct module tva_module;

__attribute__((visibility("default"))) const struct module tva_module = {
    .abi = MODULE_ABI,
    .name = "http",
    .content = &content,
};
