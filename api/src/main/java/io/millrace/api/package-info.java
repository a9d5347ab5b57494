/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a component author sees: the event batch, the component contracts, option declarations and
 * the kinds of failure. Depends on the JDK alone.
 *
 * <p>Stability: evolving until 1.0; every incompatible change is named in the changelog.
 *
 * @since 0.1
 */
package io.millrace.api;
