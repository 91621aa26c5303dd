package io.watchkeeper.alert;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes alerts into the agent's own log, so that none is lost where nothing else is configured or reachable. */
public final class LogReceiver implements AlertReceiver {

    private static final Logger LOG = LoggerFactory.getLogger(LogReceiver.class);

    @Override
    public String name() {
        return "log";
    }

    @Override
    public void tell(AlertNotice notice) {
        Alert alert = notice.alert();
        if (notice.firing()) {
            LOG.warn("alert {} since {}: {}", alert.key(), notice.since(), alert.text());
        } else {
            LOG.info("alert {} is over, was firing since {}: {}", alert.key(), notice.since(), alert.text());
        }
    }
}
