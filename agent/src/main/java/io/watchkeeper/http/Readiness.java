package io.watchkeeper.http;

import java.util.List;

/** Whether the agent can do its work now. Asked on every {@code /health/ready}: answer from what is known, open nothing slow. */
public interface Readiness {

    /** Why the agent is not ready, one sentence each; empty when it is. */
    List<String> reasons();

    /** What is wrong but keeps nobody from working, for example a remote database out of reach. */
    List<String> warnings();
}
