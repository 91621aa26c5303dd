package io.watchkeeper.toolkit.failover;

/** What a program that looks after failover may have made its own business. */
public enum ManagedAction {
    /** Making another server the primary, or this one a standby. */
    SWITCHOVER("a switchover"),
    /** Changing synchronous_standby_names. */
    SYNCHRONOUS_STANDBYS("a change of synchronous_standby_names"),
    /** Making a new standby. */
    PROVISION_STANDBY("a new standby"),
    /** Making a standby again from a base backup. */
    REPROVISION_STANDBY("making a standby again");

    private final String words;

    ManagedAction(String words) {
        this.words = words;
    }

    /** For messages, for example {@code a switchover}. */
    public String words() {
        return words;
    }
}
