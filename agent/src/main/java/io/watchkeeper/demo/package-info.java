/** A shore and a ship on this host, with data, to try everything on; it leaves nothing behind. */
package io.watchkeeper.demo;
