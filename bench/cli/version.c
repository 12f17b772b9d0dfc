#include "cli/version.h"

#include "measure/sysinfo.h"

void version_print(FILE *out)
{
    struct sysinfo_context c;

    sysinfo_read(&c);
    fprintf(out,
            "tva %s (commit %s, %s, %s)\n"
            "built with " TVA_BUILT_WITH "\n"
            "runs on libuv %s, %s\n",
            c.version, c.commit, c.build_type, c.compiler, c.libuv, c.libc);
}
