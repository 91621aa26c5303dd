package io.watchkeeper.toolkit.sync;

/**
 * The common way, and the wrong one: what is new has an xmin above the largest one that was seen. It stands here so that the campaign
 * is known to see what that loses.
 */
final class MaxXminSyncer extends PlainSyncer {

    @Override
    String newRows(long last) {
        return "xmin::text::bigint > " + last;
    }
}
