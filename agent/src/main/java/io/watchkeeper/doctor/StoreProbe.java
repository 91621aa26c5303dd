package io.watchkeeper.doctor;

/** Opens and closes the store of runs. */
@FunctionalInterface
public interface StoreProbe {

    /** @throws Exception when the store cannot be opened; an OperatorException's hint is shown */
    void open() throws Exception;
}
