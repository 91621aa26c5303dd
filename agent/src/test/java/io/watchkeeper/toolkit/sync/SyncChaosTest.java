package io.watchkeeper.toolkit.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Rounds of sync under chaos; see {@link SyncCampaign}. {@code -Dcampaign.seed=…} repeats a campaign's choices,
 * {@code -Dcampaign.rounds=…} sets its length.
 */
class SyncChaosTest {

    @Test
    void noChaosLosesARow() throws Exception {
        try (SyncCampaign campaign = new SyncCampaign(TableSyncerRounds.class, 7)) {
            assertNothingLost(campaign.playAcrossTheEpoch(8));
        }
    }

    @Test
    @Tag("campaign")
    void theCampaignSeesWhatTheLargestXminLoses() throws Exception {
        try (SyncCampaign campaign = new SyncCampaign(MaxXminSyncer.class, 1)) {
            CampaignScore score = campaign.playAcrossTheEpoch(6);
            assertThat(score.missing + score.stale).as(score.toString()).isPositive();
        }
    }

    @Test
    @Tag("campaign")
    void noLongChaosLosesARow() throws Exception {
        playLong(TableSyncerRounds.class);
    }

    @Test
    @Tag("campaign")
    void noLongChaosLosesARowOfRoundsInSteps() throws Exception {
        playLong(TableSyncerSteps.class);
    }

    @Test
    @Tag("campaign")
    void noLongChaosMakesTheAgentsWritesLookLikeOthers() throws Exception {
        playLong(TableSyncerAlone.class);
    }

    private static void playLong(Class<? extends RoundSyncer> syncer) throws Exception {
        long seed = Long.getLong("campaign.seed", new Random().nextInt(1_000_000));
        try (SyncCampaign campaign = new SyncCampaign(syncer, seed)) {
            assertNothingLost(campaign.play(Integer.getInteger("campaign.rounds", 150)));
        }
    }

    /** The campaign must not see what is not there. */
    @Test
    @Tag("campaign")
    void theCampaignFindsNothingWhereEveryRowIsBrought() throws Exception {
        try (SyncCampaign campaign = new SyncCampaign(WholeTableSyncer.class, 1)) {
            assertNothingLost(campaign.play(40));
        }
    }

    private static void assertNothingLost(CampaignScore score) {
        assertThat(score.faults).as(score.toString()).isEmpty();
    }
}
