/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The JMS source.
 *
 * <p>Users bring the client of their broker, written for {@code javax.jms} or for {@code
 * jakarta.jms}; the two differ in nothing but the name of the package. This module therefore
 * depends on neither: {@link io.millrace.connectors.jms.Mirror} calls the interfaces of whichever
 * the connection factory implements through those of {@link io.millrace.connectors.jms.Jms}.
 */
package io.millrace.connectors.jms;
