package io.watchkeeper.postgres;

import java.time.Duration;

/**
 * After how long a link counts as dead. Together they stay below 30 s, counted from its last byte to the failure of what waits.
 *
 * @param look how often the sessions are looked at
 * @param quiet a session that waits for so long without a byte is asked about on another connection
 * @param askAgain how often that is done while it stays quiet
 * @param answer how long such a question may take
 * @param connect how long connecting may take, in whole seconds: up to nine round trips with TLS and SCRAM, of 600 ms over a
 *     satellite
 * @param patience a session that was not heard of for so long, and whose server does not answer or contradicts, is cut
 * @param copyPatience the same where rows are sent to the server and it is waiting for more: one message may be under way for long
 */
record LinkLimits(
        Duration look,
        Duration quiet,
        Duration askAgain,
        Duration answer,
        Duration connect,
        Duration patience,
        Duration copyPatience) {

    static final LinkLimits USUAL = new LinkLimits(
            Duration.ofSeconds(1),
            Duration.ofSeconds(8),
            Duration.ofSeconds(5),
            Duration.ofSeconds(6),
            Duration.ofSeconds(8),
            Duration.ofSeconds(18),
            Duration.ofMinutes(2));

    int connectSeconds() {
        return (int) connect.toSeconds();
    }

    /** The same with the login, where work and not only the watch waits for it. */
    int loginSeconds() {
        return connectSeconds() * 5 / 4;
    }
}
