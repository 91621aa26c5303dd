package io.watchkeeper.toolkit.check;

import io.watchkeeper.review.Review;
import java.sql.SQLException;

/** One look at one thing of a server, with the limits that it is judged by. */
public interface Check {

    /** How runbooks call it, for example {@code connections}. */
    String verb();

    /** Looks once. Changes nothing on the server; what it measures is noted where the look keeps measurements. */
    Review review(Look look) throws SQLException;
}
