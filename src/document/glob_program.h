#ifndef CTX_DOCUMENT_GLOB_PROGRAM_H
#define CTX_DOCUMENT_GLOB_PROGRAM_H

/* What glob_compile.c writes into a pattern and glob.c runs. */

enum ctx_glob_shape {
    CTX_GLOB_NEVER,
    CTX_GLOB_NAME_IS,     /* the last component is `program` */
    CTX_GLOB_NAME_ENDS,   /* … ends with it */
    CTX_GLOB_NAME_BEGINS, /* … begins with it */
    CTX_GLOB_NAME,        /* … is matched by the steps */
    CTX_GLOB_PATH_IS,     /* the path is `program` */
    CTX_GLOB_PATH,        /* … is matched by the steps */
};

/* The steps of a program. Behind LITERAL a count and its bytes, behind CLASS a bitmap of 256 bits. */
enum ctx_glob_step {
    CTX_GLOB_END,
    CTX_GLOB_LITERAL,
    CTX_GLOB_ANY,   /* one byte but '/' */
    CTX_GLOB_CLASS, /* one byte of a set but '/' */
    CTX_GLOB_STAR,  /* any bytes but '/' */
    CTX_GLOB_SLASH,
    CTX_GLOB_DEEP, /* any number of components, each with its slash */
    CTX_GLOB_REST, /* at least one byte: all that is left */
};

enum { CTX_GLOB_BITMAP = 32, CTX_GLOB_LITERAL_MAX = 255 };

#endif
