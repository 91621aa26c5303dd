package io.watchkeeper.toolkit.sync;

import org.jspecify.annotations.Nullable;

/** What a campaign puts to the test: brings table {@code public.t} of the target to the state of the source's. Made once per process. */
interface RoundSyncer extends AutoCloseable {

    /**
     * @param snapshot an exported one to read the source in; null for a snapshot of the syncer's own
     * @return how it was done, in one word and perhaps a reason
     */
    String sync(String sourceUrl, String targetUrl, @Nullable String snapshot) throws Exception;

    @Override
    void close();
}
