/**
 * Who may come in, and what each of them finds: {@link org.iscsi4j.api.access.AccessPolicy} says
 * which initiators a target takes, {@link org.iscsi4j.api.access.Chap} how they prove who they are,
 * {@link org.iscsi4j.api.access.LunMap} which logical units they see, and {@link
 * org.iscsi4j.api.access.TargetResolver} finds targets on demand.
 *
 * <p>Null does not cross a public method of this package.
 */
package org.iscsi4j.api.access;
