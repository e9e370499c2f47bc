# Writes build.h: a digest of the library's and the worker's sources, and of how they are compiled.
# cmake -D SOURCES=<src> -D HEADERS=<include> -D FLAGS=<text> -D OUTPUT=<build.h> -P build_id.cmake
file(GLOB_RECURSE files RELATIVE ${SOURCES} ${SOURCES}/*.c ${SOURCES}/*.h ${HEADERS}/*.h)
list(FILTER files EXCLUDE REGEX "^(cli|watch)/")
list(SORT files)
set(all "${FLAGS}")
foreach(file IN LISTS files)
  file(SHA256 ${SOURCES}/${file} digest)
  string(APPEND all "${file} ${digest}\n")
endforeach()
string(SHA256 digest "${all}")
string(SUBSTRING ${digest} 0 16 digest)
file(WRITE ${OUTPUT} "#define CTX_BUILD \"${digest}\"\n")
