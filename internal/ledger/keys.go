// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// PayloadType of the DSSE envelope around a checkpoint.
const PayloadType = "application/vnd.isms-operator.checkpoint+json"

const (
	pemPrivate = "PRIVATE KEY" // PKCS #8, RFC 5958
	pemPublic  = "PUBLIC KEY"  // SubjectPublicKeyInfo, RFC 5280
)

var errNotEd25519 = errors.New("the key is not of Ed25519")

// KeyID is the digest of a public key in DER: what `openssl pkey -pubin -in FILE -outform DER | sha256sum` prints.
func KeyID(public ed25519.PublicKey) (isms.Digest, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", fmt.Errorf("key id: %w", err)
	}
	return digest(der), nil
}

// Signer signs checkpoints.
type Signer struct {
	id  isms.Digest
	key ed25519.PrivateKey
}

// NewSigner is a signer with a key.
func NewSigner(key ed25519.PrivateKey) (*Signer, error) {
	id, err := KeyID(key.Public().(ed25519.PublicKey))
	return &Signer{id: id, key: key}, err
}

// ParseSigner reads a private key of Ed25519 in PEM (PKCS #8).
func ParseSigner(text []byte) (*Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != pemPrivate {
		return nil, errors.New("not a private key in PEM (PKCS #8)")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, errNotEd25519
	}
	return NewSigner(private)
}

// ID of the signer's key.
func (s *Signer) ID() isms.Digest { return s.id }

// Public is the signer's public key in PEM.
func (s *Signer) Public() ([]byte, error) {
	_, public, err := MarshalKey(s.key)
	return public, err
}

// MarshalKey is a key pair in PEM, each as the parsers here and openssl read it.
func MarshalKey(key ed25519.PrivateKey) (private, public []byte, err error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("private key: %w", err)
	}
	publicDER, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, nil, fmt.Errorf("public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemPrivate, Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: pemPublic, Bytes: publicDER}), nil
}

// Keys are the public keys that a verifier trusts, by their ids.
type Keys map[isms.Digest]ed25519.PublicKey

// Add reads the public keys of a PEM file, which may hold several.
func (k Keys) Add(text []byte) error {
	found := false
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != pemPublic {
			return fmt.Errorf("a PEM block is a %s, want a %s", block.Type, pemPublic)
		}
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return fmt.Errorf("public key: %w", err)
		}
		public, ok := key.(ed25519.PublicKey)
		if !ok {
			return errNotEd25519
		}
		id, err := KeyID(public)
		if err != nil {
			return err
		}
		k[id], found = public, true
	}
	if !found {
		return errors.New("no public key in PEM")
	}
	return nil
}

func (s *Signer) sign(payload []byte) (isms.CheckpointSignature, error) {
	signer, err := dsse.NewEnvelopeSigner(s)
	if err != nil {
		return isms.CheckpointSignature{}, err
	}
	envelope, err := signer.SignPayload(context.Background(), PayloadType, payload)
	if err != nil {
		return isms.CheckpointSignature{}, err
	}
	return isms.CheckpointSignature{KeyID: s.id, Signature: envelope.Signatures[0].Sig}, nil
}

// Sign signs the bytes that DSSE lays out. It is for the DSSE library.
func (s *Signer) Sign(_ context.Context, data []byte) ([]byte, error) {
	return ed25519.Sign(s.key, data), nil
}

// KeyID of the signer's key.
func (s *Signer) KeyID() (string, error) { return string(s.id), nil }

// verifier is a public key, for the DSSE library.
type verifier struct {
	id  isms.Digest
	key ed25519.PublicKey
}

func (v verifier) Verify(_ context.Context, data, signature []byte) error {
	if !ed25519.Verify(v.key, data, signature) {
		return errors.New("the signature is not of this key over this text")
	}
	return nil
}

func (v verifier) KeyID() (string, error)   { return string(v.id), nil }
func (v verifier) Public() crypto.PublicKey { return v.key }

// envelope is the DSSE envelope of a checkpoint.
func envelope(payload []byte, signatures []isms.CheckpointSignature) *dsse.Envelope {
	e := &dsse.Envelope{
		PayloadType: PayloadType, Payload: base64.StdEncoding.EncodeToString(payload), Signatures: []dsse.Signature{},
	}
	for _, s := range signatures {
		e.Signatures = append(e.Signatures, dsse.Signature{KeyID: string(s.KeyID), Sig: s.Signature})
	}
	return e
}

// check holds each signature of an envelope that names a known key against that key. An envelope is trusted if one key
// is known; a wrong signature of a known key is an error even beside a right one of another.
func (k Keys) check(e *dsse.Envelope) (Kind, error) {
	known := false
	for _, signature := range e.Signatures {
		public, ok := k[isms.Digest(signature.KeyID)]
		if !ok {
			continue
		}
		known = true
		single := *e
		single.Signatures = []dsse.Signature{signature}
		v, err := dsse.NewEnvelopeVerifier(verifier{id: isms.Digest(signature.KeyID), key: public})
		if err != nil {
			return ForgedCheckpoint, err
		}
		if _, err := v.Verify(context.Background(), &single); err != nil {
			return ForgedCheckpoint, fmt.Errorf("the signature of key %s does not fit: %w", signature.KeyID, err)
		}
	}
	if !known {
		return UnknownKey, errors.New("it is signed by none of the given keys")
	}
	return "", nil
}
