package io.watchkeeper.toolkit.migrate;

/** Whether, and on what, a migration and its way back are tried out before it is done. */
public enum RevertTest {
    /** Not at all. */
    NONE,
    /** On a restored backup where there is one, else on a scratch database with the same schema. */
    SCHEMA,
    /** On a restored backup where there is one, else on a scratch database with the same schema and rows. */
    ROWS
}
