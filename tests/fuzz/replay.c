/* Stands in for libFuzzer: runs a fuzz target once over each file that is named. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "contextor/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "%s: no corpus\n", argv[0]);
        return EXIT_FAILURE;
    }
    for (int i = 1; i < argc; i++) {
        CTX_AUTO_BUFFER struct ctx_buffer input;
        ctx_buffer_init(&input, CTX_LIMIT_DOCUMENT);
        int r = ctx_file_read_path(argv[i], &input);
        if (r < 0) {
            fprintf(stderr, "%s: %s\n", argv[i], ctx_error_name(r));
            return EXIT_FAILURE;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)ctx_buffer_str(&input), input.len);
    }
    return EXIT_SUCCESS;
}
