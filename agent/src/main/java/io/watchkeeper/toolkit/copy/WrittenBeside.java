package io.watchkeeper.toolkit.copy;

/**
 * A column of a merge's target that the source does not have: it is written with each row, and never compared.
 *
 * @param column as SQL names it
 * @param brought whether the rows come with a value for it; else it is emptied
 */
public record WrittenBeside(String column, boolean brought) {}
