package io.watchkeeper.alert;

/** A way to tell people. */
public interface AlertReceiver {

    /** How the ledger and the log name it, for example {@code alertmanager}; of two receivers with one name one is ignored. */
    String name();

    /**
     * Passes the notice on, within seconds or not at all.
     *
     * @throws DeliveryException when it did not arrive; it is tried again later
     */
    void tell(AlertNotice notice) throws DeliveryException;

    /** The receiver could not be told. The message says why, and holds no token, password or address beyond its host. */
    final class DeliveryException extends Exception {
        private static final long serialVersionUID = 1L;

        public DeliveryException(String message) {
            super(message);
        }
    }
}
