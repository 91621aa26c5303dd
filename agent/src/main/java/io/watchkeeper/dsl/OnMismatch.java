package io.watchkeeper.dsl;

/** What differences that are left mean for the run. */
public enum OnMismatch {
    FAIL,
    REPORT
}
