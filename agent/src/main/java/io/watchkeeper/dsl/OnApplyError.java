package io.watchkeeper.dsl;

/** What a change that a subscription cannot apply does to it. */
public enum OnApplyError {
    DISABLE,
    RETRY
}
