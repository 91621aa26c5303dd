package io.watchkeeper.http;

import java.util.Map;

/** Something that happened. @param id counts up within one run or one stream. @param data the JSON object sent along */
record LiveEvent(long id, String name, Map<String, Object> data) {}
