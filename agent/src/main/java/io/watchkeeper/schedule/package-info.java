/** When runbooks run by themselves. */
package io.watchkeeper.schedule;
