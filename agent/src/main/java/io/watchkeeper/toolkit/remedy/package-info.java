/** Why a replica is behind, and what may be done about it: bounded, with a reason, recorded before it is done, and taken back. */
@NullMarked
package io.watchkeeper.toolkit.remedy;

import org.jspecify.annotations.NullMarked;
