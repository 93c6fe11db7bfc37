// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The first system's registry, written anew from its interface to compare costs; deployed by benchmarks only.
contract ImageRegistry2016 {
    struct Image {
        uint256 imageHash;
        uint256 imageSize;
        bytes imageId;
    }

    mapping(address sender => mapping(bytes name => Image image)) private _images;

    event ImageRegistered(address indexed sender, bytes name, uint256 imageHash, uint256 imageSize, bytes imageId);

    function registerImage(bytes calldata name, uint256 imageHash, uint256 imageSize, bytes calldata imageId) external {
        _images[msg.sender][name] = Image(imageHash, imageSize, imageId);
        emit ImageRegistered(msg.sender, name, imageHash, imageSize, imageId);
    }
}
