package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Work;
import java.sql.SQLException;

/** Makes a standby anew that has lost its place in the log: the last resort. */
public interface StandbyRebuild {

    /** Whether the standby is one that can be made anew from here. @param standby as configured */
    boolean canRebuild(String standby);

    /** Makes it anew. @return what was done, in a sentence */
    String rebuild(String standby, Work work) throws SQLException;

    /** Of a host that makes none. */
    static StandbyRebuild none() {
        return new StandbyRebuild() {
            @Override
            public boolean canRebuild(String standby) {
                return false;
            }

            @Override
            public String rebuild(String standby, Work work) {
                throw new IllegalStateException("no standby is made here");
            }
        };
    }
}
