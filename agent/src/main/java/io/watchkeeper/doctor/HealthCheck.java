package io.watchkeeper.doctor;

import java.util.List;

/** Examines one thing; reads only. */
interface HealthCheck {

    /** What stands before its findings, also before the one that says that the check itself failed. */
    String subject();

    List<Finding> examine() throws Exception;

    /** How bad it is when there is no result in time. */
    default Finding.Level whenSilent() {
        return Finding.Level.RED;
    }
}
