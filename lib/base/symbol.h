/* Names of functions by their addresses, for messages. Linux: ELF. */
#ifndef TVA_BASE_SYMBOL_H
#define TVA_BASE_SYMBOL_H

#include <stddef.h>
#include <stdint.h>

/* Write the name of the function that has this address to buf: "main_coro", also of a static one;
 * "libcurl.so.4+0x3e1a0", for addr2line, where the file of the code does not name it; "?" for an
 * address of no file. Reads the file. Returns buf. Any thread, but not in a signal handler. */
char *symbol_name(uintptr_t address, char *buf, size_t size);

#endif
