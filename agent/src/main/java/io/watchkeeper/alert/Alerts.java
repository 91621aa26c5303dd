package io.watchkeeper.alert;

/** Sends alerts to every configured receiver, each alert once until it is resolved or its repeat time has passed. */
public interface Alerts {

    /** @return false when the alert was already firing and nothing was sent */
    boolean fire(Alert alert);

    /** Tells the receivers that everything this runbook raised is over. @return how many alerts were resolved */
    int resolve(String runbook);
}
