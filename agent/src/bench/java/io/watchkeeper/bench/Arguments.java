package io.watchkeeper.bench;

/** Numbers from the command line; 3_000_000 may be written so. */
final class Arguments {

    private Arguments() {}

    static long number(String[] arguments, int index, long byDefault) {
        return arguments.length > index ? Long.parseLong(arguments[index].replace("_", "")) : byDefault;
    }
}
