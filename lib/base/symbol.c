#include "base/symbol.h"

#include "base/mapped.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The loaded file that an address belongs to. */
struct home {
    uintptr_t address;
    uintptr_t value; /* of the address in the file's own counting */
    char path[512];  /* "": not found */
};

static int find_file(struct dl_phdr_info *file, size_t size, void *arg)
{
    struct home *home = arg;

    (void)size;
    for (size_t i = 0; i < file->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &file->dlpi_phdr[i];
        uintptr_t begin = file->dlpi_addr + part->p_vaddr;

        if (part->p_type != PT_LOAD || home->address < begin ||
            home->address - begin >= part->p_memsz)
            continue;
        home->value = home->address - file->dlpi_addr;
        snprintf(home->path, sizeof home->path, "%s",
                 file->dlpi_name[0] != '\0' ? file->dlpi_name : "/proc/self/exe");
        return 1;
    }
    return 0;
}

/* Look for the function in one table of symbols. */
static bool find_in_table(const struct mapped *file, const ElfW(Shdr) * table,
                          const ElfW(Shdr) * names, uintptr_t value, char *buf, size_t size)
{
    const ElfW(Sym) *symbols = mapped_part(file, table->sh_offset, table->sh_size);
    const char *texts = mapped_part(file, names->sh_offset, names->sh_size);

    for (size_t i = 0; symbols != NULL && texts != NULL && i < table->sh_size / sizeof *symbols;
         i++) {
        const ElfW(Sym) *s = &symbols[i];

        if ((s->st_info & 0xf) != STT_FUNC || value < s->st_value ||
            value - s->st_value >= s->st_size || s->st_name >= names->sh_size)
            continue;
        snprintf(buf, size, "%.*s", (int)(names->sh_size - s->st_name), texts + s->st_name);
        return true;
    }
    return false;
}

/* In the table of all its functions; files that were stripped have none. */
static bool find_in_elf(const struct mapped *file, uintptr_t value, char *buf, size_t size)
{
    const ElfW(Ehdr) *head = mapped_part(file, 0, sizeof *head);
    const ElfW(Shdr) *sections = NULL;

    if (head != NULL && memcmp(head->e_ident, ELFMAG, SELFMAG) == 0)
        sections = mapped_part(file, head->e_shoff, head->e_shnum * sizeof *sections);
    for (size_t i = 0; sections != NULL && i < head->e_shnum; i++)
        if (sections[i].sh_type == SHT_SYMTAB && sections[i].sh_link < head->e_shnum &&
            find_in_table(file, &sections[i], &sections[sections[i].sh_link], value, buf, size))
            return true;
    return false;
}

static bool find_in_file(const struct home *home, char *buf, size_t size)
{
    struct mapped file;
    bool found;

    if (!mapped_open(home->path, &file))
        return false;
    found = find_in_elf(&file, home->value, buf, size);
    mapped_close(&file);
    return found;
}

char *symbol_name(uintptr_t address, char *buf, size_t size)
{
    struct home home = {.address = address};
    const union {
        uintptr_t address;
        const void *code;
    } function = {address};
    const char *slash;
    Dl_info info;

    dl_iterate_phdr(find_file, &home);
    if (home.path[0] == '\0') {
        snprintf(buf, size, "?");
    } else if (find_in_file(&home, buf, size)) {
        buf[strcspn(buf, ".")] = '\0'; /* a part of a function that the compiler made its own */
    } else if (dladdr(function.code, &info) != 0 && info.dli_sname != NULL) {
        snprintf(buf, size, "%s", info.dli_sname);
    } else {
        slash = strrchr(home.path, '/');
        snprintf(buf, size, "%s+%#zx", slash != NULL ? slash + 1 : home.path, (size_t)home.value);
    }
    return buf;
}
