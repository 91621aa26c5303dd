package io.watchkeeper.toolkit.index;

/** How many pages rows would fill if nothing were wasted. What it does not know errs towards more pages, so towards less bloat. */
final class PageModel {

    /** chunk_id and chunk_seq. */
    static final double TOAST_KEY = 8;

    private static final int PAGE_HEADER = 24;
    private static final int BTREE_SPECIAL = 16;
    private static final int ITEM_POINTER = 4;
    private static final int ROW_HEADER = 23;
    private static final int INDEX_HEADER = 8;
    private static final int ROW_ADDRESS = 6;

    /** Addresses that entries of one key share at most. */
    private static final int SHARED_ADDRESSES = 200;

    /** Of inner pages. */
    private static final double INNER = 1.01;

    private PageModel() {}

    /**
     * Of a table.
     *
     * @param width of a row's values
     * @param nulls whether some are null, and rows have a map of them
     * @param fill what pages are filled to, from 0 to 1
     */
    static double tablePages(double rows, double width, int columns, boolean nulls, double fill, int block) {
        double header = align(ROW_HEADER + (nulls ? (columns + 7) / 8 : 0));
        double row = header + align(width) + ITEM_POINTER;
        double perPage = Math.max(1, Math.floor((block - PAGE_HEADER) * fill / row));
        return Math.ceil(rows / perPage);
    }

    /** Of a B-tree. @param distinct keys of which equal ones share an entry; as many as rows where they do not */
    static double btreePages(double rows, double width, boolean nulls, double distinct, double fill, int block) {
        double entry = align(INDEX_HEADER + (nulls ? 8 : 0) + width) + ITEM_POINTER;
        double alone = rows * entry;
        double entries = Math.max(distinct, rows / SHARED_ADDRESSES);
        double shared = entries * entry + rows * ROW_ADDRESS;
        double usable = (block - PAGE_HEADER - BTREE_SPECIAL) * fill;
        return 1 + Math.ceil(Math.min(alone, shared) / usable * INNER);
    }

    /** The number of different values. @param statistic as in pg_stats: a number, or below zero a share of the rows */
    static double distinct(double statistic, double rows) {
        if (statistic == 0) {
            return rows;
        }
        return statistic < 0 ? -statistic * rows : statistic;
    }

    private static double align(double bytes) {
        return Math.ceil(bytes / 8) * 8;
    }
}
