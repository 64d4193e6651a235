package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

const (
	headerBytes  = 16
	largestBytes = 48 << 20
	opMsg        = 2013
	// Flag of OP_MSG: the sender wants no answer.
	moreToCome = 1 << 1
)

// proxy hands commands to the server one by one, whichever connection they come from.
type proxy struct {
	inner string
	turn  sync.Mutex
}

func (p *proxy) serve(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer client.Close()
			if err := p.relay(client); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
				fmt.Println("connection:", err)
			}
		}()
	}
}

func (p *proxy) relay(client net.Conn) error {
	server, err := net.Dial("tcp", p.inner)
	if err != nil {
		return err
	}
	defer server.Close()
	for {
		request, err := readMessage(client)
		if err != nil {
			return err
		}
		silent := dropSilence(request)
		answer, err := p.exchange(server, request)
		if err != nil {
			return err
		}
		if silent {
			continue
		}
		if _, err := client.Write(answer); err != nil {
			return err
		}
	}
}

// exchange holds the turn until the answer has been read: then the command is done.
func (p *proxy) exchange(server net.Conn, request []byte) ([]byte, error) {
	p.turn.Lock()
	defer p.turn.Unlock()
	if _, err := server.Write(request); err != nil {
		return nil, err
	}
	return readMessage(server)
}

// dropSilence tells whether no answer is wanted, and asks the server for one all the same: it shows the end.
func dropSilence(message []byte) bool {
	if binary.LittleEndian.Uint32(message[12:]) != opMsg || len(message) < headerBytes+4 {
		return false
	}
	flags := binary.LittleEndian.Uint32(message[headerBytes:])
	binary.LittleEndian.PutUint32(message[headerBytes:], flags&^moreToCome)
	return flags&moreToCome != 0
}

func readMessage(from net.Conn) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(from, length[:]); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(length[:])
	if size < headerBytes || size > largestBytes {
		return nil, fmt.Errorf("a message of %d bytes", size)
	}
	message := make([]byte, size)
	copy(message, length[:])
	_, err := io.ReadFull(from, message[4:])
	return message, err
}
