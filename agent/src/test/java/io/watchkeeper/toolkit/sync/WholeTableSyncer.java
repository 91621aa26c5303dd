package io.watchkeeper.toolkit.sync;

/** Brings every row in every round: right by itself, so that a campaign with it must find nothing. */
final class WholeTableSyncer extends PlainSyncer {

    @Override
    String newRows(long last) {
        return "true";
    }
}
