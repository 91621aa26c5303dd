package io.watchkeeper.toolkit.sync;

/** What becomes of rows that somebody else has written on the target since the last round. */
public enum LocalEdits {
    /** They become as the source has them. */
    SOURCE_WINS("sourceWins"),
    /** They stay, are reported, and are left alone until they are the same as the source's again. */
    KEEP("keep"),
    /** The table is not synchronised while there are any. */
    FAIL("fail");

    private final String word;

    LocalEdits(String word) {
        this.word = word;
    }

    @Override
    public String toString() {
        return word;
    }
}
