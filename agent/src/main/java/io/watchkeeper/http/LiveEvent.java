package io.watchkeeper.http;

import java.util.Map;

/** Something that happened. @param id what a client that comes back says it has seen last. @param data the JSON object sent along */
record LiveEvent(String id, String name, Map<String, Object> data) {

    /** As it happens: counted up within one run or one stream. */
    LiveEvent(long number, String name, Map<String, Object> data) {
        this(Long.toString(number), name, data);
    }

    /** 0 for what was not told as it happened. */
    long number() {
        return number(id);
    }

    /** The same of an id that a client shows. */
    static long number(String id) {
        return id.matches("\\d{1,18}") ? Long.parseLong(id) : 0;
    }
}
