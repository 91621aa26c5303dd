package io.watchkeeper.toolkit.settings;

/** Makes entries of a log's text. */
interface LogParser {

    /** Takes the next line, without its end. In CSV a record may go on over several. */
    void line(String line);

    /** Whether everything taken so far makes whole entries, or may count as such: what comes next may be read by another parser. */
    boolean isBetweenEntries();

    /** Tells of the last entry. */
    void end();
}
