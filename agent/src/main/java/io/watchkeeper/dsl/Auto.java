package io.watchkeeper.dsl;

/** What stands for a choice left to the agent. */
public enum Auto {
    AUTO
}
