/* The promise: every seed of a fuzz target is what its reader takes, so that mutations begin behind
 * the first check; and neither a seed nor some mutations of it, always the same, crash or leak. A
 * fuzz target without libFuzzer, for any compiler:
 *
 *   replay_TARGET MUTATIONS [FOLDER...]  so many of each seed; without a folder of an empty input
 */
#include "base/hash.h"
#include "fuzz_target.h"
#include "json_mutator.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_LIMIT 16384

/* Byte by byte, the simplest there is. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    uint64_t drawn = hash_bytes(size, data, size);

    if (size == 0 && max_size > 0)
        data[size++] = 0;
    if (size > 0)
        data[drawn % size] ^= (uint8_t)(1U << (drawn >> 32) % 8);
    return size;
}

/* Mutations of mutations, begun again from the seed every 8. */
static void try_mutations(const uint8_t *seed, size_t seed_size, unsigned count)
{
    uint8_t data[SIZE_LIMIT];
    size_t size = 0;

    for (unsigned i = 0; i < count; i++) {
        if (i % 8 == 0) {
            memcpy(data, seed, seed_size);
            size = seed_size;
        }
        size = LLVMFuzzerCustomMutator(data, size, sizeof data, i);
        fuzz_input(data, size);
    }
}

static bool try_seed(const char *folder, const char *name, unsigned mutations)
{
    char path[4096];
    uint8_t data[SIZE_LIMIT];
    size_t size;
    FILE *in;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    in = fopen(path, "re");
    if (in == NULL) {
        perror(path);
        return false;
    }
    size = fread(data, 1, sizeof data, in);
    fclose(in);
    if (size == sizeof data || !fuzz_input(data, size)) {
        fprintf(stderr, "%s is refused: of another schema, or too large?\n", path);
        return false;
    }
    try_mutations(data, size, mutations);
    return true;
}

static int try_folder(const char *folder, unsigned mutations)
{
    DIR *dir = opendir(folder);
    size_t seeds = 0, refused = 0;
    struct dirent *entry;

    if (dir == NULL) {
        perror(folder);
        return EXIT_FAILURE;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        seeds++;
        refused += !try_seed(folder, entry->d_name, mutations);
    }
    closedir(dir);
    printf("%zu seeds, %zu refused\n", seeds, refused);
    return seeds > 0 && refused == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    uint8_t data[SIZE_LIMIT];
    unsigned mutations;
    size_t size;

    if (argc < 2) {
        fprintf(stderr, "usage: %s MUTATIONS [FOLDER...]\n", argv[0]);
        return EXIT_FAILURE;
    }
    mutations = (unsigned)strtoul(argv[1], NULL, 10);
    for (int i = 2; i < argc; i++)
        if (try_folder(argv[i], mutations) != EXIT_SUCCESS)
            return EXIT_FAILURE;
    if (argc > 2)
        return EXIT_SUCCESS;
    size = LLVMFuzzerCustomMutator(data, 0, sizeof data, 0);
    if (!fuzz_input(data, size)) {
        fputs("what the target makes itself is refused\n", stderr);
        return EXIT_FAILURE;
    }
    try_mutations(data, size, mutations);
    return EXIT_SUCCESS;
}
