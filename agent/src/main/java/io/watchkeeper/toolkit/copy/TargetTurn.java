package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.TableName;
import java.util.Set;

/** When a transaction of the target may come to its end, where others copy tables that foreign keys tie to its own. */
interface TargetTurn {

    /** Nobody else copies such tables. */
    TargetTurn FREE = new TargetTurn() {
        @Override
        public boolean hasCome() {
            return true;
        }

        @Override
        public void await() {}

        @Override
        public Set<TableName> later() {
            return Set.of();
        }
    };

    /** Whether the tables that come first are done. */
    boolean hasCome();

    /**
     * Waits for that.
     *
     * @throws io.watchkeeper.postgres.WorkCancelledException when the work is told to stop
     */
    void await();

    /** Tables another transaction replaces after this one; foreign keys to and from them are checked then. */
    Set<TableName> later();
}
